package home_test

import (
	"regexp"
	"strconv"
	"strings"
	"testing"

	"bevis/internal/web/populations"
	"bevis/internal/web/webtest"
	"bevis/internal/web/windows"
)

func withWindows(h *webtest.House) {
	pages(h)
	populations.Pages{Shell: h.Shell, Populations: h.App.Populations, Checks: h.App.Checks}.Routes()
	windows.Pages{Shell: h.Shell, Store: h.App.Store, Accounts: h.App.Accounts, Windows: h.App.Windows, Packages: h.App.Packages}.Routes()
}

// figure reads a figure of the strip and where it leads.
func figure(t *testing.T, page, label string) (n int, href string) {
	t.Helper()
	_, rest, found := strings.Cut(page, ">"+label+"</h2>")
	m := regexp.MustCompile(`^\s*<p class="kpi-v[^"]*"><a href="([^"]+)">([0-9]+)`).FindStringSubmatch(rest)
	if !found || m == nil {
		t.Fatalf("there is no figure %q that leads on", label)
	}
	n, err := strconv.Atoi(m[2])
	if err != nil {
		t.Fatal(err)
	}
	return n, strings.ReplaceAll(m[1], "&amp;", "&")
}

// What a figure says is what its list holds.
func TestBehindLeadsToThatManyOccurrences(t *testing.T) {
	h := webtest.Full(t, withWindows)
	n, href := figure(t, h.Get("lead", "/").Body.String(), "Occurrences behind")
	var list struct {
		Total       int
		Occurrences []struct{ State string }
	}
	h.Read("lead", href, &list)
	if n < 3 || list.Total != n {
		t.Errorf("the figure says %d, %s holds %d", n, href, list.Total)
	}
	seen := map[string]bool{}
	for _, o := range list.Occurrences {
		seen[o.State] = true
	}
	if !seen["missed"] || !seen["overdue"] || len(seen) != 2 {
		t.Errorf("behind is %v", seen)
	}
}

func TestDeviationsLeadToThatManyResults(t *testing.T) {
	h := webtest.Collected(t, withWindows)
	half, _, short := h.Datasets()
	h.RunCheck(half, "change-reviewed") // run again below: replaced
	for _, check := range []string{"change-reviewed", "change-has-reference"} {
		h.RunCheck(half, check)
	}
	h.RunCheck(short, "change-reviewed") // another source: counts beside
	path := "/?window=" + h.Window.Value.Code
	n, href := figure(t, h.Get("lead", path).Body.String(), "Check results with deviations")
	href, _, _ = strings.Cut(href, "#")
	var list struct {
		Results []struct {
			Code       string
			Deviations int
		}
	}
	h.Read("lead", href, &list)
	sum := 0
	for _, r := range list.Results {
		sum += r.Deviations
	}
	var a answer
	h.Read("lead", path, &a)
	if n < 2 || len(list.Results) != n || sum != a.Figures["check_deviations"] || sum == 0 {
		t.Errorf("the figure says %d results and %d deviations, %s holds %d and %d", n, a.Figures["check_deviations"], href, len(list.Results), sum)
	}
	h.Read("lead", strings.Replace(href, "deviations", "unanswered", 1), &list)
	if len(list.Results) != a.Figures["checks_undecided"] {
		t.Errorf("%d results without an answer, the figure says %d", len(list.Results), a.Figures["checks_undecided"])
	}
	h.Clean("lead", href)
	h.Clean("lead", path)
}
