package control

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"bevis/internal/framework"
)

// What is kept and removed makes the first text, what is kept and added the second.
func TestDiffWords(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := func(name string) []string {
			return rapid.SliceOfN(rapid.SampledFrom([]string{"each", "week", "the", "lead", "reviews", "\n"}), 0, 30).Draw(t, name)
		}
		from, to := strings.Join(text("from"), " "), strings.Join(text("to"), " ")
		var a, b []string
		for _, w := range DiffWords(from, to) {
			if w.Op != AddedWords {
				a = append(a, wordsOf(w.Text)...)
			}
			if w.Op != RemovedWords {
				b = append(b, wordsOf(w.Text)...)
			}
		}
		if !slices.Equal(a, wordsOf(from)) || !slices.Equal(b, wordsOf(to)) {
			t.Fatalf("%q to %q: %v", from, to, DiffWords(from, to))
		}
	})
	got := DiffWords("Each quarter the lead reviews the list.", "Each month the lead reviews the whole list.")
	want := []Word{{SameWords, "Each"}, {RemovedWords, "quarter"}, {AddedWords, "month"}, {SameWords, "the lead reviews the"}, {AddedWords, "whole"}, {SameWords, "list."}}
	if !slices.Equal(got, want) {
		t.Errorf("%v", got)
	}
}

// A control as adopted equals the library; a changed sentence is shown; a newer
// library is offered field by field and taken over only where it was asked for.
func TestFollowTheLibrary(t *testing.T) {
	library, err := Library()
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range library {
		values := map[string]string{}
		for _, p := range l.Params {
			values[p.Name] = "17"
		}
		c := l.ControlWith(values)
		d, ok := c.Compare()
		if !ok || !d.Known || d.Newer || len(d.Fields) != 0 {
			t.Fatalf("%s: %+v", l.Code, d)
		}
	}
	l := library[slices.IndexFunc(library, func(l LibraryControl) bool { return len(l.Params) > 0 && len(l.PointsOfFocus) > 1 })]
	c := l.ControlWith(map[string]string{l.Params[0].Name: "17"})
	own := c.Title.EN + " of ours"
	c.Title.EN = own
	newer := l
	newer.Text = framework.Text{EN: l.Text.EN + " It is kept for {{" + l.Params[0].Name + "}} years.", SV: l.Text.SV}
	newer.Title = framework.Text{EN: "New title", SV: l.Title.SV}
	newer.Frequency, newer.Criteria = Daily, l.Criteria[:1]

	d := c.compare(newer)
	fields := map[string]bool{}
	for _, f := range d.Fields {
		fields[f.Field] = f.Newer
	}
	if !d.Newer || !d.Offers() || !fields["title.en"] || !fields["statement.en"] || !fields["frequency"] {
		t.Fatalf("%+v", fields)
	}
	if _, differs := fields["title.sv"]; differs {
		t.Error("a field that is the same is listed")
	}
	if err := c.follow(newer, []string{"owner"}); err == nil {
		t.Error("a field that the library does not have was taken over")
	}
	if err := c.follow(newer, []string{"statement.en", "criteria"}); err != nil {
		t.Fatal(err)
	}
	if c.Title.EN != own || !strings.HasSuffix(c.Statement.EN, "It is kept for 17 years.") || len(c.Criteria) != 1 || c.Frequency == Daily && l.Frequency != Daily {
		t.Errorf("%+v", c)
	}
	if d = c.compare(newer); d.Newer || d.Offers() || len(d.Fields) == 0 {
		t.Errorf("after it was compared: %+v", d)
	}
}

// Controls that were recorded before the library's text was kept still read, and
// show what differs without claiming to know what is newer.
func TestControlWithoutOrigin(t *testing.T) {
	var c Control
	if err := json.Unmarshal([]byte(`{"code":"AC-04","library":"AC-04","title":{"en":"Old"},"statement":{"en":"Old."},"criteria":["CC6.2"]}`), &c); err != nil {
		t.Fatal(err)
	}
	d, ok := c.Compare()
	if !ok || d.Known || d.Newer || d.Offers() || len(d.Fields) == 0 {
		t.Errorf("%v %+v", ok, d)
	}
	c.Library = ""
	if _, ok := c.Compare(); ok {
		t.Error("a control of its own is compared")
	}
}
