package ui

import (
	"slices"
	"strings"
	"testing"

	"github.com/a-h/templ"
	"golang.org/x/net/html"

	"bevis/internal/i18n"
	"bevis/internal/web/static"
)

// Text from outside never becomes markup, an address never becomes a script.
func TestHostileText(t *testing.T) {
	const bad = `"><script>alert(1)</script><img src=x onerror=alert(1)>`
	const link = `javascript:alert(1)`
	ctx := ctxs[i18n.English]
	now := galleryToday
	act := Action{Label: bad, Href: link, Icon: "x", Dialog: bad, Download: bad}
	for name, c := range map[string]templ.Component{
		"page": Page(Shell{
			Title: bad, Path: bad, Org: bad, Groups: []NavGroup{{bad, []NavLink{{Label: bad, Href: link, Icon: "x", Count: 1, Key: bad}}}},
			Crumbs: []Link{{bad, link}, {bad, link}}, User: User{Name: bad, Email: bad, Role: bad}, Print: Print{Heading: bad, Entry: bad}, Flash: []Toast{{bad, ToneOK}}, ReadOnly: bad, Suggest: link, Search: link, AuditorFirm: bad, Auditor: true,
		}),
		"bare":     BarePage(Bare{Title: bad, Path: bad, Links: []Link{{bad, link}}}),
		"head":     PageHead(Head{Title: bad, Sub: bad, Primary: &act, Secondary: []Action{{Label: bad, Post: link, Name: bad, Value: bad}}}),
		"kpi":      KpiStrip(bad, []Kpi{{Label: bad, Value: bad, Of: bad, Href: link, Note: bad, Stack: &Stack{Label: bad, Parts: []Part{{bad, 1, Tone(bad)}}}}}),
		"card":     Card(CardProps{ID: bad, Title: bad, Sub: bad, More: &Link{bad, link}}),
		"pill":     StatusPill(Status("x." + bad)),
		"text":     templ.Join(Owner(bad), Tag(bad), CriterionRef(bad, bad, link), HashText(bad, false), HashText(bad, true), IDText(Copy(bad), bad, true), Meta("x", bad)),
		"cover":    CoverageStrip([]CoverageCell{{bad, CoverageDone}}),
		"trend":    TrendChart(Trend{ID: bad, Title: bad, Steps: []string{bad}, Ticks: []string{bad}, Plan: []float64{1}, Actual: []float64{1}}),
		"table":    DataTable(Table{ID: bad, Caption: bad, Announce: bad, Columns: []Column{{Label: bad, Sort: &Sort{Href: link, Dir: bad}}}, Pager: &Pager{Prev: link, Next: link}}),
		"row":      DataRow(Row{ID: bad, Href: link, Code: bad, Title: bad, Select: bad, Name: bad}),
		"cell":     templ.Join(TextCell(bad, bad), GroupRow(Group{bad, bad, bad, 2}), EmptyRow(2, bad)),
		"filter":   FilterBar(Filter{Action: link, Target: bad, Label: bad, Search: &Search{bad, bad, bad}, Segments: &Segments{bad, bad, []Segment{{Value: bad, Label: bad}}}, Selects: []FilterSelect{{bad, bad, []Option{{Value: bad, Label: bad, Group: bad}}}}, Hidden: []Hidden{{bad, bad}}}),
		"field":    TextField(Field{Name: bad, Label: bad, Help: bad, Error: bad, Value: bad, Type: bad, Hint: bad}),
		"area":     TextArea(Field{Name: bad, Label: bad, Value: "</textarea>" + bad}),
		"checks":   CheckGroup(Checks{Legend: bad, Name: bad, Options: []Option{{Value: bad, Label: bad, Help: bad}}}),
		"errors":   FieldErrorSummary([]FieldError{{bad, bad}}),
		"file":     FileRow(File{ID: bad, Name: bad, SHA256: bad, Href: link, Note: bad, State: FileState(bad)}, bad),
		"drop":     DropZone(Drop{ID: bad, Name: bad, FileIDs: bad, Upload: link, Hint: bad, Accept: bad, Remove: bad, Files: []File{{ID: bad, Name: bad}}}),
		"verify":   VerifyBanner(Verify{Found: Integrity(bad), Reasons: []string{bad}, Action: &act}),
		"thread":   Thread(bad, []Event{{ID: bad, Who: bad, Role: bad, Title: bad, Body: bad, At: now}}, &Reply{Action: link, Live: bad, Label: bad, Button: bad, Name: bad, Error: bad}),
		"panel":    templ.Join(TextProperty(bad, bad), References(bad, []Reference{{bad, bad, link}}), Prompts(bad, []string{bad})),
		"preview":  FilePreview(Preview{ID: bad, Name: bad, Note: bad, Columns: []string{bad}, Rows: [][]string{{bad}}, Download: link}),
		"pre":      FilePreview(Preview{Name: bad, Text: "</pre>" + bad}),
		"image":    FilePreview(Preview{Name: bad, Image: link, Alt: bad}),
		"diff":     DiffView(bad, bad, []Change{{bad, bad, bad, ChangeOp(bad)}}),
		"lists":    templ.Join(WorkList([]Work{{Title: bad, Href: link, Ref: bad, Owner: bad}}, now), BarList([]Bar{{Code: bad, Title: bad, Href: link, Value: bad}}), LinkList([]LinkItem{{Title: bad, Href: link, Note: bad}}), MilestoneList([]Milestone{{Title: bad, Href: link, Note: bad}})),
		"messages": templ.Join(Banner(BannerProps{Title: bad, Text: bad, Action: &act}), EmptyState(Empty{Title: bad, Text: bad, Action: &act}), ErrorPage(ErrorProps{Message: bad, Ref: bad, Back: Link{bad, link}})),
		"confirm":  templ.Join(Dialog(Confirm{ID: bad, Title: bad, Text: bad, Action: link, Button: bad, Fields: []Hidden{{bad, bad}}}), ConfirmPage(Confirm{Title: bad, Action: link, Cancel: link})),
		"tabs":     Tabs(bad, []Tab{{Label: bad, Href: link}}),
		"bulk":     BulkForm(Bulk{Action: link, Actions: []Action{{Label: bad, Name: bad, FormAction: link}}}),
	} {
		t.Run(name, func(t *testing.T) {
			walk(parse(t, render(t, ctx, c)), func(n *html.Node) {
				if n.Type != html.ElementNode {
					return
				}
				src, _ := attr(n, "src")
				if n.Data == "script" && !strings.HasPrefix(src, static.Prefix) || n.Data == "img" && src == "x" {
					t.Errorf("<%s src=%q> came out of a text", n.Data, src)
				}
				for _, a := range n.Attr {
					if strings.HasPrefix(a.Key, "on") {
						t.Errorf("<%s %s>", n.Data, a.Key)
					}
					if slices.Contains([]string{"href", "action", "formaction", "src", "data-suggest", "data-upload"}, a.Key) && strings.HasPrefix(strings.ToLower(a.Val), "javascript:") {
						t.Errorf("<%s %s=%q>", n.Data, a.Key, a.Val)
					}
				}
			})
		})
	}
}
