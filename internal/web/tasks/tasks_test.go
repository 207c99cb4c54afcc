package tasks_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"bevis/internal/web/tasks"
	"bevis/internal/web/webtest"
)

func pages(h *webtest.House) {
	tasks.Pages{Shell: h.Shell, Accounts: h.App.Accounts, Windows: h.App.Windows, Readiness: h.Readiness}.Routes()
}

type answer struct {
	Window string
	Mine   bool
	Tasks  []struct{ Control, Owner, Due, State string }
}

func read(t *testing.T, h *webtest.House, role, path string) answer {
	t.Helper()
	w := h.JSON(role, path)
	if w.Code != http.StatusOK || strings.Contains(w.Body.String(), "null") {
		t.Fatalf("%s: %d %s", role, w.Code, w.Body)
	}
	var a answer
	if err := json.Unmarshal(w.Body.Bytes(), &a); err != nil {
		t.Fatal(err)
	}
	return a
}

func TestTasksPage(t *testing.T) {
	h := webtest.Full(t, pages)
	all := read(t, h, "lead", "/tasks")
	if all.Window != h.Window.Value.Code || len(all.Tasks) == 0 {
		t.Fatalf("%+v", all)
	}
	mine := read(t, h, "owner", "/tasks?show=mine")
	for _, x := range mine.Tasks {
		if x.Owner != h.People["owner"] {
			t.Errorf("%s is somebody else's", x.Control)
		}
	}
	if !mine.Mine || len(mine.Tasks) >= len(all.Tasks) {
		t.Errorf("%d of %d are the owner's", len(mine.Tasks), len(all.Tasks))
	}
	body := h.Get("lead", "/tasks").Body.String()
	x := all.Tasks[0]
	for _, want := range []string{x.Control, "Past due", "/evidence/new?control=" + x.Control + "&amp;slot=" + x.Due} {
		if !strings.Contains(body, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	// What is to be done is the company's own matter.
	for _, role := range []string{"auditor", "other", "employee", "manager"} {
		if w := h.Get(role, "/tasks"); w.Code != http.StatusForbidden {
			t.Errorf("%s: %d", role, w.Code)
		}
	}
}

func TestTasksWithoutWindow(t *testing.T) {
	h := webtest.Empty(t, pages)
	w := h.Get("lead", "/tasks")
	if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "No window is open") {
		t.Errorf("%d", w.Code)
	}
}
