package evidence_test

import (
	"encoding/json"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	domain "bevis/internal/evidence"
	"bevis/internal/ledger/tsatest"
	"bevis/internal/register"
)

var queryAll = register.Query{}

func TestReviewTakesASecondPerson(t *testing.T) {
	s := newStage(t, 0)
	own := s.add(lead, domain.Upload{OccurredFrom: "2026-03-30"})
	if a := s.get(lead, "/evidence/"+own); strings.Contains(a.body, "/accept") || !strings.Contains(a.body, "second person") {
		t.Error("who brought it is offered a review")
	}
	if a := s.post(lead, "/evidence/"+own+"/accept", nil); a.status != 403 {
		t.Errorf("self-review: %d", a.status)
	}
	performed := s.add(owner, domain.Upload{OccurredFrom: "2026-03-30", PerformedBy: s.id(lead)})
	if a := s.get(lead, "/evidence/"+performed); strings.Contains(a.body, "/accept") {
		t.Error("who performed it is offered a review")
	}
	if a := s.post(lead, "/evidence/"+performed+"/return", url.Values{"note": {"no"}}); a.status != 403 {
		t.Errorf("performer: %d", a.status)
	}
	named := s.add(owner, domain.Upload{OccurredFrom: "2026-03-30", PerformedBy: " maja  LIND"})
	if a := s.get(lead, "/evidence/"+named); strings.Contains(a.body, "/accept") {
		t.Error("who performed it, given by name, is offered a review")
	}
	if a := s.post(lead, "/evidence/"+named+"/accept", nil); a.status != 403 {
		t.Errorf("performer given by name: %d", a.status)
	}
	if a := s.get(auditor1, "/evidence/"+performed); strings.Contains(a.body, "/accept") || strings.Contains(a.body, "/evidence/new") || strings.Contains(a.body, "Waiting for") {
		t.Error("an auditor is offered the company's verbs")
	}

	code := s.add(owner, domain.Upload{OccurredFrom: "2026-03-30"})
	if a := s.get(lead, "/evidence/"+code); !strings.Contains(a.body, `action="/evidence/`+code+`/accept"`) {
		t.Error("no review for a second person")
	}
	a := s.post(lead, "/evidence/"+code+"/return", url.Values{"note": {"  "}})
	if a.status != 422 || !strings.Contains(a.body, "Say why it is returned") {
		t.Errorf("no reason: %d", a.status)
	}
	s.page(a)
	if a := s.post(lead, "/evidence/"+code+"/return", url.Values{"note": {"The list is <cut>."}}); a.status != 303 {
		t.Errorf("return: %d", a.status)
	}
	a = s.get(owner, "/evidence/"+code)
	if !strings.Contains(a.body, "The list is &lt;cut&gt;.") || !strings.Contains(a.body, "Returned") || !strings.Contains(a.body, "returned it") {
		t.Error("the reason is not in the thread")
	}
	// Two reviewers: the second one finds that there is nothing left to decide.
	two := s.add(owner, domain.Upload{OccurredFrom: "2026-03-30"})
	if a := s.post(manager, "/evidence/"+two+"/accept", url.Values{"note": {"fine"}}); a.status != 303 {
		t.Errorf("first: %d", a.status)
	}
	if a := s.post(lead, "/evidence/"+two+"/return", url.Values{"note": {"not fine"}}); a.status != 422 {
		t.Errorf("second: %d", a.status)
	}
	e, err := s.Evidence.Get(s.op, two)
	s.must(err)
	if e.Value.Status != domain.Accepted || len(e.Value.Reviews) != 1 {
		t.Errorf("%+v", e.Value.Reviews)
	}
}

func TestNewVersionAndHistory(t *testing.T) {
	s := newStage(t, 0)
	code := s.add(owner, domain.Upload{OccurredFrom: "2026-03-30", Source: domain.Source{System: "AWS IAM", Locator: "eu-north-1", Method: domain.Export}})
	if a := s.get(owner, "/evidence/new?supersedes="+code); !strings.Contains(a.body, `value="AWS IAM"`) || !strings.Contains(a.body, `name="supersedes" value="`+code+`"`) {
		t.Error("the form does not begin with the old item")
	}
	if a := s.get(owner, "/evidence/new?supersedes=E-99999"); a.status != 404 {
		t.Errorf("unknown: %d", a.status)
	}
	_, u := s.upload(owner, "whole.csv", "a,b\n3,4\n")
	v := form()
	v.Set("supersedes", code)
	v.Set("reason", "the whole list")
	v.Set("upload", u.ID)
	a := s.send(owner, "/evidence", v)
	if a.status != 303 {
		t.Fatalf("%d", a.status)
	}
	next := strings.TrimPrefix(a.head.Get("Location"), "/evidence/")
	if a := s.get(lead, "/evidence/"+code); !strings.Contains(a.body, `href="/evidence/`+next+`"`) || !strings.Contains(a.body, "Superseded") || strings.Contains(a.body, "supersedes="+code) {
		t.Error("the old item does not lead to the new one")
	}
	if a := s.get(lead, "/evidence/"+next); !strings.Contains(a.body, `href="/evidence/`+code+`"`) {
		t.Error("the new item does not lead to the old one")
	}
	a = s.get(auditor1, "/evidence/"+code+"/history")
	if a.status != 200 || !strings.Contains(a.body, "<del>Collected</del>") || !strings.Contains(a.body, "<ins>Superseded</ins>") || !strings.Contains(a.body, "the whole list") {
		t.Errorf("history: %d", a.status)
	}
	s.page(a)
	v.Set("supersedes", code) // again: it is superseded already
	_, u = s.upload(owner, "third.csv", "a,b\n5,6\n")
	v.Set("upload", u.ID)
	if a := s.send(owner, "/evidence", v); a.status != 422 {
		t.Errorf("superseded twice: %d", a.status)
	}
	_, err := s.Evidence.Relink(s.as(owner), next, []string{"OP-04"}, "wrong control")
	s.must(err)
	if a := s.get(lead, "/evidence/"+next+"/history"); !strings.Contains(a.body, "<del>AC-04</del>") || !strings.Contains(a.body, "<ins>OP-04</ins>") {
		t.Error("controls are not named in the history")
	}
}

// A check reads bytes and record; what was changed is called altered.
func TestVerify(t *testing.T) {
	s := newStage(t, 0)
	code := s.add(owner, domain.Upload{OccurredFrom: "2026-03-30"}, sent{name: "a.txt", body: "first bytes\n"}, sent{name: "b.txt", body: "second bytes\n"})
	e, err := s.Evidence.Get(s.op, code)
	s.must(err)
	found := func() string {
		t.Helper()
		a := s.ask(auditor1, "POST", "/evidence/"+code+"/verify", nil, map[string]string{"Accept": "application/json"})
		var d struct{ Integrity *string }
		s.must(json.Unmarshal([]byte(a.body), &d))
		if d.Integrity == nil {
			t.Fatal(a.body)
		}
		return *d.Integrity
	}
	if a := s.get(lead, "/evidence/"+code); strings.Contains(a.body, "Intact") || !strings.Contains(a.body, "In ledger entry #") || !strings.Contains(a.body, "not yet timestamped") {
		t.Error("the page claims more than it checked")
	}
	if got := found(); got != "intact" {
		t.Errorf("untouched: %s", got)
	}
	file := filepath.Join(s.Dir, "blobs")
	var path string
	s.must(filepath.WalkDir(file, func(p string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() && strings.Contains(strings.ReplaceAll(p, string(filepath.Separator), ""), e.Value.Files[1].SHA256) {
			path = p
		}
		return err
	}))
	s.must(os.Chmod(path, 0o600))
	s.must(os.WriteFile(path, []byte("Second bytes\n"), 0o600))
	if got := found(); got != "altered" {
		t.Errorf("changed bytes: %s", got)
	}
	if a := s.post(lead, "/evidence/"+code+"/verify", nil); !strings.Contains(a.body, "Altered") || !strings.Contains(a.body, "b.txt") {
		t.Error("the banner does not name the file")
	}
	s.must(os.Remove(path))
	if got := found(); got != "altered" {
		t.Errorf("missing bytes: %s", got)
	}
	if a := s.get(lead, "/evidence/"+code); a.status != 200 {
		t.Errorf("page without its bytes: %d", a.status)
	}
	s.must(os.WriteFile(path, []byte("second bytes\n"), 0o600))
	if got := found(); got != "intact" {
		t.Errorf("restored: %s", got)
	}
	// The record itself: another digest with fitting bytes is not intact.
	write, _ := s.Store.DB()
	_, err = write.ExecContext(t.Context(), "UPDATE entry SET body = replace(body, $1, $2) WHERE id = $3", e.Value.Files[1].SHA256, e.Value.Files[0].SHA256, e.ID.String())
	s.must(err)
	if got := found(); got != "altered" {
		t.Errorf("changed record: %s", got)
	}
}

func TestTimestampAndSealAreShown(t *testing.T) {
	s := newStage(t, 0)
	code := s.add(owner, domain.Upload{OccurredFrom: "2026-03-30"})
	tsa := tsatest.New(t)
	_, err := s.Store.Stamp(s.op, "test authority", tsa.Ask)
	s.must(err)
	if a := s.get(auditor1, "/evidence/"+code); !strings.Contains(a.body, "was timestamped") || !strings.Contains(a.body, "test authority") {
		t.Error("no timestamp")
	}
	_, err = s.Windows.SealWindow(s.op, s.h1.ID.String())
	s.must(err)
	after := s.add(owner, domain.Upload{OccurredFrom: "2026-03-29"})
	if a := s.get(auditor1, "/evidence/"+code); !strings.Contains(a.body, "Sealed in Type 2, 2026-01-01") {
		t.Error("no seal")
	}
	a := s.get(lead, "/evidence/"+after)
	if strings.Contains(a.body, "Sealed in") || strings.Contains(a.body, "was timestamped") || !strings.Contains(a.body, "Created after the period") {
		t.Error("what came later claims the seal or the timestamp, or has no label")
	}
	// Performed for the quarter, within the next one.
	spare := s.add(owner, domain.Upload{OccurredFrom: "2026-04-10", Slot: "2026-03-31"})
	if a := s.get(lead, "/evidence/"+spare); strings.Contains(a.body, "Performed late") {
		t.Error("performed late, though the reviews of March came first")
	}
	late := s.add(owner, domain.Upload{OccurredFrom: "2026-03-10", Slot: "2026-02-28", Controls: []string{"OP-04"}})
	if a := s.get(lead, "/evidence/"+late); !strings.Contains(a.body, "Performed late") || !strings.Contains(a.body, "after its due date") {
		t.Error("a scan for February made in March is not performed late")
	}
}
