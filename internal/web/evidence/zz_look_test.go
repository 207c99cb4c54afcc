package evidence_test

import (
	"fmt"
	"os"
	"testing"
	"time"

	domain "bevis/internal/evidence"
)

func TestLook(t *testing.T) {
	if os.Getenv("LOOK") == "" {
		t.Skip()
	}
	s := newStage(t, 200e6)
	c := s.add(owner, domain.Upload{OccurredFrom: "2026-03-10", Slot: "2026-02-28", Controls: []string{"OP-04", "AC-04"}[:1], Title: "Vulnerability scan for February"}, sent{name: "scan.log", body: "02:00:01 scan started\n02:14:37 1 204 hosts, 0 errors\n"})
	s.Evidence.Return(s.as(lead), c, "The scan lists only the first page of hosts. Export the whole list.")
	fmt.Println("URL", s.srv.URL, "ITEM", c)
	fmt.Println("TOKEN", s.token(lead))
	for range 120 {
		if _, err := os.Stat("/tmp/ev_stop"); err == nil {
			return
		}
		time.Sleep(time.Second)
	}
}
