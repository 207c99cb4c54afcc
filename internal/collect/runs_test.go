package collect

import (
	"errors"
	"maps"
	"strings"
	"testing"
	"unicode/utf8"

	"bevis/internal/fault"
	"bevis/internal/ledger"
)

// A run says again what ended it, and one of before arguments were kept is the same
// bytes as ever.
func TestFailureKeepsItsArguments(t *testing.T) {
	f := fault.New(fault.TooLarge, "collect.commit_too_large", "Commit", "0a1b\xff", "MaxMiB", 16)
	run := Run{Code: "C-1", Outcome: Failed, Failure: f.Key, FailureArgs: argsOf(f)}
	if want := map[string]string{"Commit": "0a1b\uFFFD", "MaxMiB": "16"}; !maps.Equal(run.FailureArgs, want) {
		t.Errorf("kept %q", run.FailureArgs)
	}
	if kept := argsOf(fault.New(fault.Invalid, "collect.branch_missing", "Branch", "release/1", "Path", "/srv/git/secret place/shop.git")); kept["Path"] != "shop.git" || kept["Branch"] != "release/1" {
		t.Errorf("of a path %q was kept", kept)
	}
	var why *fault.Error
	if !errors.As(run.Why(), &why) || why.Key != f.Key || len(why.Args) != 4 || why.Args[1] != "0a1b\uFFFD" {
		t.Errorf("the run says %v", run.Why())
	}
	long := argsOf(fault.New(fault.Invalid, "collect.name_invalid", "Name", strings.Repeat("å", 5000)))["Name"]
	if len(long) > argMax+len("…") || !utf8.ValidString(long) || !strings.HasSuffix(long, "å…") {
		t.Errorf("%d bytes were kept", len(long))
	}
	if raw, err := ledger.Canonical(Run{Failure: f.Key}); err != nil || strings.Contains(string(raw), "args") {
		t.Errorf("a run without arguments is %s, %v", raw, err)
	}
	if (&Run{}).Why() != nil {
		t.Error("a run that did not fail says why")
	}
}
