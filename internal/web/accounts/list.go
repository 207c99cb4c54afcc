package accounts

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"bevis/internal/authz"
	"bevis/internal/i18n"
	"bevis/internal/scope"
	"bevis/internal/web/ui"
)

const pageSize = 100

type listed struct {
	Accounts []person `json:"accounts"`
	Total    int      `json:"total"` // that match, on all pages
}

type listProps struct {
	shell  ui.Shell
	head   ui.Head
	filter ui.Filter
	table  ui.Table
	rows   []person
}

// list handles GET /accounts: ?q= text, ?status=, ?page= from 1.
func (p Pages) list(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	all, err := p.Accounts.List(ctx)
	if err != nil {
		return err
	}
	cal, err := scope.CalendarOf(p.Store.Live(ctx))
	if err != nil {
		return err
	}
	ws, err := p.Windows.List(ctx)
	if err != nil {
		return err
	}
	codes := map[string]string{}
	for _, win := range ws {
		codes[win.ID.String()] = win.Value.Code
	}
	q, status := strings.ToLower(strings.TrimSpace(r.FormValue("q"))), r.FormValue("status")
	counts := map[string]int{}
	found := []person{}
	for _, e := range all {
		one := p.person(e, cal, codes)
		if q != "" && !strings.Contains(strings.ToLower(one.Name+" "+one.Email), q) {
			continue
		}
		counts[""]++
		counts[one.Status]++
		if status == "" || status == one.Status {
			found = append(found, one)
		}
	}
	data := listed{Accounts: found, Total: len(found)}
	page, err := strconv.Atoi(r.FormValue("page"))
	if err != nil || page < 1 || page > len(found)/pageSize+1 || (page-1)*pageSize >= len(found) {
		page = 1
	}
	data.Accounts = found[(page-1)*pageSize : min(page*pageSize, len(found))]

	who, _ := authz.Of(ctx)
	v := listProps{shell: p.Shell.Props(r, i18n.T(ctx, "accountspage.title")), rows: data.Accounts}
	v.head = ui.Head{Title: i18n.T(ctx, "accountspage.title"), Sub: i18n.T(ctx, "accountspage.sub")}
	if who.Can(authz.AccountManage) {
		v.head.Primary = &ui.Action{Label: i18n.T(ctx, "accountspage.new"), Icon: "plus", Href: "/accounts/new"}
	}
	seg := ui.Segments{Name: "status", Label: i18n.T(ctx, "accountspage.status"), Options: []ui.Segment{{Label: i18n.T(ctx, "accountspage.all"), Count: counts[""], Chosen: status == ""}}}
	for _, s := range states {
		seg.Options = append(seg.Options, ui.Segment{Value: s, Label: i18n.T(ctx, "accountspage.status."+s), Status: pill(s), Count: counts[s], Chosen: status == s})
	}
	v.filter = ui.Filter{Action: "/accounts", Target: "accounts", Label: i18n.T(ctx, "accountspage.filter"), Search: &ui.Search{Name: "q", Value: r.FormValue("q"), Hint: i18n.T(ctx, "accountspage.search")}, Segments: &seg}
	v.table = ui.Table{ID: "accounts", Caption: i18n.T(ctx, "accountspage.title"), Announce: i18n.T(ctx, "accountspage.count", "Count", len(found)), Columns: []ui.Column{
		{Label: i18n.T(ctx, "accountspage.name")},
		{Label: i18n.T(ctx, "accountspage.email")},
		{Label: i18n.T(ctx, "accountspage.roles")},
		{Label: i18n.T(ctx, "accountspage.window")},
		{Label: i18n.T(ctx, "accountspage.access")},
		{Label: i18n.T(ctx, "accountspage.status"), Kind: ui.CellStatus},
	}}
	if len(found) == 0 {
		v.table.Empty = &ui.Empty{Icon: "search", Title: i18n.T(ctx, "accountspage.none"), Text: i18n.T(ctx, "accountspage.none.text"), Quiet: true, Action: &ui.Action{Label: i18n.T(ctx, "accountspage.clear"), Href: "/accounts"}}
	}
	if len(found) > pageSize {
		v.table.Pager = pager(page, len(found), url.Values{"q": {r.FormValue("q")}, "status": {status}})
	}
	return p.Shell.Answer(w, r, http.StatusOK, data, listPage(v))
}

func pager(page, total int, q url.Values) *ui.Pager {
	at := func(n int) string {
		q.Set("page", strconv.Itoa(n))
		return "/accounts?" + q.Encode()
	}
	out := &ui.Pager{From: (page-1)*pageSize + 1, To: min(page*pageSize, total), Total: total}
	if page > 1 {
		out.Prev = at(page - 1)
	}
	if out.To < total {
		out.Next = at(page + 1)
	}
	return out
}
