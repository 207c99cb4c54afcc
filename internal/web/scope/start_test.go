package scope_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"bevis/internal/control"
	"bevis/internal/web/scope"
	"bevis/internal/web/webtest"
)

func pages(h *webtest.House) {
	scope.Pages{Shell: h.Shell, Accounts: h.App.Accounts, Scope: h.App.Scope, Controls: h.App.Controls, Windows: h.App.Windows}.Routes()
}

// walk takes the guided start as a person does.
type walk struct {
	t    *testing.T
	h    *webtest.House
	lang string
}

// version is the version of the programme that a page is about to change.
func (w walk) version() string {
	w.t.Helper()
	e, err := w.h.App.Scope.Programme(w.h.As("lead"))
	if err != nil {
		w.t.Fatal(err)
	}
	return strconv.FormatInt(e.Version, 10)
}

// post sends a step's form and returns where the answer leads, or its page.
func (w walk) post(step string, form url.Values, want int) (to, page string) {
	w.t.Helper()
	if form.Get("version") == "" {
		form.Set("version", w.version())
	}
	a := w.h.Do("lead", http.MethodPost, "/start/"+step, w.lang, form, "text/html")
	if a.Code != want {
		w.t.Fatalf("%s: %d, want %d: %s", step, a.Code, want, a.Body)
	}
	if i := strings.IndexAny(a.Body.String(), "‹›"); i >= 0 {
		w.t.Errorf("%s: a message is missing near %q", step, a.Body.String()[i:min(i+60, a.Body.Len())])
	}
	return a.Header().Get("Location"), a.Body.String()
}

func (w walk) says(page string, texts ...string) {
	w.t.Helper()
	for _, s := range texts {
		if !strings.Contains(page, s) {
			w.t.Errorf("the page lacks %q", s)
		}
	}
}

// here is where the guided start is taken up again.
func (w walk) here(want string) {
	w.t.Helper()
	if got := w.h.Get("lead", "/start").Header().Get("Location"); got != want {
		w.t.Errorf("/start leads to %s, want %s", got, want)
	}
}

func data[T any](t *testing.T, h *webtest.House, step string) T {
	t.Helper()
	var out T
	a := h.JSON("lead", "/start/"+step)
	if a.Code != http.StatusOK || strings.Contains(a.Body.String(), "null") {
		t.Fatalf("%s: %d %s", step, a.Code, a.Body)
	}
	if err := json.Unmarshal(a.Body.Bytes(), &out); err != nil {
		t.Fatal(err)
	}
	return out
}

type controlsAnswer struct {
	Controls []struct {
		Code, Statement string
		Chosen, Taken   bool
	}
	Overlaps []control.Overlap
	Thin     []control.Reach
}

func (a controlsAnswer) codes() []string {
	var out []string
	for _, c := range a.Controls {
		if c.Chosen {
			out = append(out, c.Code)
		}
	}
	return out
}

// From an empty workspace to adopted controls, owners and a dated window, in both
// languages.
func TestStart(t *testing.T) {
	for lang, words := range map[string]struct{ suggestion, count, summary string }{
		"en": {"Suggestion: SOC 2 Type 2", "71 controls to be adopted.", "Adopt 69 controls and open the window"},
		"sv": {"Förslag: SOC 2 typ 2", "71 kontroller hämtas.", "Hämta 69 kontroller och öppna bevisfönstret"},
	} {
		t.Run(lang, func(t *testing.T) {
			h := webtest.Empty(t, pages)
			w := walk{t, h, lang}
			w.here("/start/report")

			answers := url.Values{"soon": {"no"}, "period": {"yes"}, "running": {"yes"}, "public": {"yes"}, "do": {"suggest"}}
			_, page := w.post("report", answers, http.StatusOK)
			w.says(page, words.suggestion, "SOC 3")
			w.here("/start/report") // a suggestion decides nothing
			w.post("report", url.Values{}, http.StatusUnprocessableEntity)
			to, _ := w.post("report", url.Values{"report": {"soc2_type2"}, "reason": {"Our largest customer asks for it."}}, http.StatusSeeOther)
			if to != "/start/categories" {
				t.Errorf("then %s", to)
			}

			w.post("categories", url.Values{}, http.StatusSeeOther)
			w.here("/start/dates")

			days := url.Values{"first": {"2026-02-01"}, "last": {"2026-07-31"}}
			_, page = w.post("dates", url.Values{"first": {"2026-07-31"}, "last": {"2026-02-01"}}, http.StatusUnprocessableEntity)
			w.says(page, "2026-02-01")
			count := url.Values{"do": {"count"}, "first": days["first"], "last": days["last"]}
			_, page = w.post("dates", count, http.StatusOK)
			w.says(page, `href="/start/controls"`)
			w.here("/start/dates")
			w.post("dates", days, http.StatusSeeOther)

			all := data[controlsAnswer](t, h, "controls")
			w.says(h.Do("lead", "GET", "/start/controls", lang, nil, "text/html").Body.String(), words.count)
			keep := slices.DeleteFunc(all.codes(), func(c string) bool { return c == "AC-01" || c == "GP-01" })
			_, page = w.post("controls", url.Values{"code": keep, "v-AC-04-deadline_days": {"soon"}, "do": {"show"}}, http.StatusOK)
			w.says(page, `id="code-AC-04"`)
			w.post("controls", url.Values{"code": keep}, http.StatusSeeOther)
			if got := data[controlsAnswer](t, h, "controls").codes(); !slices.Equal(got, keep) {
				t.Errorf("kept %d, want %d", len(got), len(keep))
			}

			w.post("owners", url.Values{"owner-access": {h.People["auditor"] + "nobody"}}, http.StatusUnprocessableEntity)
			w.post("owners", url.Values{"owner-access": {h.People["owner"]}}, http.StatusSeeOther)
			w.here("/start/finish")
			w.says(h.Do("lead", "GET", "/start/finish", lang, nil, "text/html").Body.String(), words.summary, "Erik Holm", "2026-02-01 – 2026-07-31")
			for _, step := range []string{"report", "categories", "dates", "controls", "owners", "finish"} {
				h.Clean("lead", "/start/"+step)
			}

			w.post("finish", url.Values{"from": {"2026-01-01"}}, http.StatusUnprocessableEntity) // before today
			if to, _ = w.post("finish", url.Values{"from": {"2026-02-01"}}, http.StatusSeeOther); to != "/" {
				t.Errorf("then %s", to)
			}
			check(t, h, len(keep))
			before := w.version()
			w.post("finish", url.Values{"from": {"2026-02-01"}}, http.StatusSeeOther) // again: nothing twice
			check(t, h, len(keep))
			if w.version() == "0" || before == "0" {
				t.Error("the programme is not kept")
			}
			h.Clean("lead", "/start/finish")
			h.Clean("lead", "/start/controls")
		})
	}
}

// check holds the workspace to what was decided.
func check(t *testing.T, h *webtest.House, controls int) {
	t.Helper()
	all, err := h.App.Controls.List(h.Operator)
	if err != nil || len(all) != controls {
		t.Fatalf("%d controls, want %d: %v", len(all), controls, err)
	}
	for _, c := range all {
		v := c.Value
		if v.Status != control.InForce || v.EffectiveFrom != "2026-02-01" || (v.Owner == h.People["owner"]) != (v.Category == "access") {
			t.Errorf("%s: %s from %s, owner %s", v.Code, v.Status, v.EffectiveFrom, v.Owner)
		}
	}
	windows, err := h.App.Windows.List(h.Operator)
	if err != nil || len(windows) != 1 || windows[0].Value.Title() != "Type 2, 2026-02-01 – 2026-07-31" {
		t.Fatalf("%v, %v", windows, err)
	}
}

// Parameters are filled in before anything is adopted, a value that cannot stand in
// the sentence comes back, and overlaps are decided.
func TestControlsStep(t *testing.T) {
	h := webtest.Empty(t, pages)
	w := walk{t, h, "en"}
	w.post("report", url.Values{"report": {"soc2_type1_then_2"}}, http.StatusSeeOther)
	w.post("categories", url.Values{"category": {"privacy"}, "reason-privacy": {"We decide how patients' data is used."}}, http.StatusSeeOther)
	w.post("dates", url.Values{"as_of": {"2026-03-31"}, "first": {"2026-01-01"}, "last": {"2026-06-30"}}, http.StatusUnprocessableEntity)
	w.post("dates", url.Values{"as_of": {"2026-03-31"}, "first": {"2026-04-01"}, "last": {"2026-09-30"}}, http.StatusSeeOther)

	all := data[controlsAnswer](t, h, "controls")
	if len(all.Overlaps) == 0 || len(all.Thin) != 0 {
		t.Fatalf("%d overlaps, thin: %v", len(all.Overlaps), all.Thin)
	}
	o := all.Overlaps[0]
	library, err := control.Library()
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(library, func(l control.LibraryControl) bool {
		return slices.Contains(all.codes(), l.Code) && len(l.Params) > 0 && !slices.Contains([]string{o.A, o.B}, l.Code)
	})
	code, param := library[i].Code, library[i].Params[0].Name
	input := "v-" + code + "-" + param
	form := func(value string) url.Values {
		return url.Values{"code": all.codes(), input: {value}, "overlap-" + o.A + "-" + o.B: {o.B}}
	}
	_, page := w.post("controls", form("a few"), http.StatusUnprocessableEntity)
	w.says(page, "a few", `href="#`+input+`"`)
	w.post("controls", form("4711"), http.StatusSeeOther)
	all = data[controlsAnswer](t, h, "controls")
	if slices.Contains(all.codes(), o.A) || !slices.Contains(all.codes(), o.B) {
		t.Errorf("%v: %s alone was to be kept", o, o.B)
	}
	w.post("owners", url.Values{}, http.StatusSeeOther)
	w.post("finish", url.Values{"already": {"yes"}}, http.StatusSeeOther)
	e, err := h.App.Controls.ByCode(h.Operator, code)
	if err != nil || e.Value.EffectiveFrom != "" || !strings.Contains(e.Value.Statement.EN, "4711") || !strings.Contains(e.Value.Statement.SV, "4711") {
		t.Errorf("%v: %+v", err, e.Value)
	}
	windows, err := h.App.Windows.List(h.Operator)
	if err != nil || len(windows) != 2 || windows[0].Value.Categories.String() != "security,privacy" {
		t.Errorf("%v, %v", windows, err)
	}
	// Going back and leaving a criterion with one control is said.
	thin := data[controlsAnswer](t, h, "controls")
	for _, c := range thin.Controls {
		if c.Code == code && (!c.Taken || !c.Chosen) {
			t.Errorf("%s is adopted: %+v", code, c)
		}
	}
	h.Clean("lead", "/start/controls")
}

// Leaving controls out shows which criteria that leaves thin; two people who plan at
// once do not overwrite each other; only a lead plans.
func TestPlanIsGuarded(t *testing.T) {
	h := webtest.Empty(t, pages)
	w := walk{t, h, "sv"}
	w.post("finish", url.Values{"from": {"2026-02-01"}}, http.StatusUnprocessableEntity) // nothing is decided
	old := w.version()
	w.post("report", url.Values{"report": {"soc2_type1"}}, http.StatusSeeOther)
	w.post("report", url.Values{"report": {"soc2_type2"}, "version": {old}}, http.StatusConflict)
	w.post("report", url.Values{"report": {"soc3"}}, http.StatusUnprocessableEntity)
	w.post("report", url.Values{"report": {"soc2_type1"}, "reason": {webtest.Hostile}}, http.StatusSeeOther)
	h.Clean("lead", "/start/report")
	w.post("controls", url.Values{}, http.StatusSeeOther)
	if a := data[controlsAnswer](t, h, "controls"); len(a.Thin) != 33 || len(a.codes()) != 0 {
		t.Errorf("%d thin criteria", len(a.Thin))
	}
	for role, want := range map[string]int{"lead": 200, "advisor": 403, "owner": 403, "employee": 403, "manager": 403, "administrator": 403, "": 303} {
		for _, step := range []string{"report", "categories", "dates", "controls", "owners", "finish"} {
			if a := h.Get(role, "/start/"+step); a.Code != want {
				t.Errorf("%q reads %s: %d, want %d", role, step, a.Code, want)
			}
			if want == http.StatusForbidden {
				if a := h.Do(role, http.MethodPost, "/start/"+step, "en", url.Values{"version": {"0"}}, "text/html"); a.Code != want {
					t.Errorf("%q posts %s: %d", role, step, a.Code)
				}
			}
		}
	}
}
