package git

import (
	"encoding/hex"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"bevis/internal/fault"
	"bevis/internal/population"
)

func ruleOK(t testing.TB, value string, people identities) *reviewerRule {
	t.Helper()
	r, err := newReviewerRule(value, people)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// short is a review as name|email|username|resolved.
func short(r population.Review) string {
	s := r.Name + "|" + r.Email + "|" + r.Username + "|"
	if r.Resolved {
		s += "yes"
	}
	return s
}

func TestReviewers(t *testing.T) {
	people := identities{"jdoe": {Name: "Jane Doe", Email: "jane@example.com"}, "mm": {Name: "Max Meier"}}
	for name, tc := range map[string]struct {
		style, message string
		want           []string
	}{
		"gerrit":                 {"", "s\n\nReviewed-by: Bo Ek <bo@example.com>\n", []string{"Bo Ek|bo@example.com||yes"}},
		"any case, blanks":       {"gerrit", "s\n\n \t REVIEWED-BY:Bo  Ek\t<bo@example.com>", []string{"Bo Ek|bo@example.com||yes"}},
		"not the last paragraph": {"gerrit", "s\n\nReviewed-by: Bo Ek <bo@x>\n\nLater words.\n", []string{"Bo Ek|bo@x||yes"}},
		"CRLF":                   {"gerrit", "s\r\n\r\nReviewed-by: Bo Ek <bo@x>\r\n", []string{"Bo Ek|bo@x||yes"}},
		"not at line start":      {"gerrit", "s\n\nNot Reviewed-by: Bo Ek <bo@x>\nReviewed-by : Bo Ek <bo@x>\nAcked-by: A B <a@x>\n", nil},
		"empty list":             {"gerrit", "s\n\nReviewed-by:\nReviewed-by:  \t\nReviewed-by: , ,\n", nil},
		"two lines, two names":   {"gerrit", "Reviewed-by: A B <a@x>, C D <c@x>\nReviewed-by: E F <e@x>", []string{"A B|a@x||yes", "C D|c@x||yes", "E F|e@x||yes"}},
		"comma inside":           {"gerrit", "Reviewed-by: A B <a,b@x>, C D", []string{"A B|a,b@x||yes", "C D|||yes"}},
		"unclosed":               {"gerrit", "Reviewed-by: A B <a@x, C D <c@x>", []string{"A B|a@x||yes", "C D|c@x||yes"}},
		"unclosed at the end":    {"gerrit", "Reviewed-by: A B <a@x\nReviewed-by: C D <c@x, E F", []string{"A B|a@x||yes", "C D|c@x||yes", "E F|||yes"}},
		"name alone":             {"gerrit", "Reviewed-by: Jane Doe", []string{"Jane Doe|||yes"}},
		"user name":              {"gerrit", "Reviewed-by: other", []string{"||other|"}},
		"mapped":                 {"gerrit", "Reviewed-by: JDoe, @mm", []string{"Jane Doe|jane@example.com|JDoe|yes", "Max Meier||@mm|yes"}},
		"word with address":      {"gerrit", "Reviewed-by: jdoe <j@x>", []string{"jdoe|j@x||yes"}},
		"address alone":          {"gerrit", "Reviewed-by: <j@x>, k@x", []string{"|j@x||yes", "|k@x||yes"}},
		"empty address":          {"gerrit", "Reviewed-by: other <>", []string{"||other|"}},
		"nothing but brackets":   {"gerrit", "Reviewed-by: <>", []string{"|||"}},
		"kafka":                  {"kafka", "s\n\nReviewers: A B <a@x>, C D <c@x>\nreviewer: E F", []string{"A B|a@x||yes", "C D|c@x||yes", "E F|||yes"}},
		"kafka reads no gerrit":  {"kafka", "Reviewed-by: A B <a@x>", nil},
		"ack": {
			"ack", "Merge x#1: y\n\ntext\n\nACKs for top commit:\n  jdoe:\n    utACK 123, nice\n      deeper:\n  someone:\n    ACK 456\n\nTree-SHA512: 00\n  not:\n",
			[]string{"Jane Doe|jane@example.com|jdoe|yes", "||someone|"},
		},
		"ack without names":      {"ack", "ACKs for top commit:\n\nTree-SHA512: 00", nil},
		"ack reads no gerrit":    {"ack", "Reviewed-by: A B <a@x>", nil},
		"regex":                  {`(?i:approved[- ]by)[:=]`, "s\nApproved by: A B <a@x>, C D\n approved-by: E F\napproved-by=G H", []string{"A B|a@x||yes", "C D|||yes", "G H|||yes"}},
		"regex with alternative": {`LGTM:|OK:`, "x LGTM: A B\nOK: C D", []string{"C D|||yes"}},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, r := range ruleOK(t, tc.style, people).find(tc.message) {
				got = append(got, short(r))
			}
			if !slices.Equal(got, tc.want) {
				t.Errorf("%q, want %q", got, tc.want)
			}
		})
	}
}

func TestReviewerPatterns(t *testing.T) {
	for value, key := range map[string]string{
		"(":                       "collect.reviewers_pattern",
		"a)(b":                    "collect.reviewers_pattern",
		strings.Repeat("a", 1001): "collect.reviewers_pattern",
		"x*":                      "collect.reviewers_pattern_empty",
		"^":                       "collect.reviewers_pattern_empty",
		"Gerrit":                  "",
	} {
		if _, err := newReviewerRule(value, nil); key == "" && err != nil || key != "" && !fault.Is(err, key) {
			t.Errorf("%q: %v", value, err)
		}
	}
}

// Splitting loses no reviewer: what stands between commas outside <> is an entry.
func TestSplitReviewersKeepsAll(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		names := rapid.SliceOfN(rapid.StringMatching(`[A-Z][a-z]{0,5} [A-Z]( <[a-z,]{1,4}@x>)?`), 0, 5).Draw(t, "names")
		if got := splitReviewers(strings.Join(names, " , ")); !slices.Equal(got, names) && len(names)+len(got) > 0 {
			t.Fatalf("%q became %q", names, got)
		}
	})
}

func TestReferences(t *testing.T) {
	for message, want := range map[string][]string{
		"Fix a thing (#12)":                                                  {"PR#12"},
		"Fix a thing (!12)":                                                  {"PR#12"},
		"Revert \"Fix a thing (#12)\"":                                       nil,
		"Revert \"Fix a thing (#12)\" (#13)":                                 {"PR#13"},
		"Long subject\nwrapped (#14)\n\nbody":                                {"PR#14"},
		"Merge pull request #7 from x/y\n\ntext":                             {"PR#7"},
		"Merge bitcoin-core/secp256k1#1234: t":                               {"PR#1234"},
		"Merge branch 'x'\n\nSee merge request g/p!5":                        {"PR#5"},
		"s\n\nPR-URL: https://github.com/n/n/pull/9":                         {"PR#9"},
		"s\n\nCloses #1, fixes: x/y#2, Resolved GH-3":                        {"closes#1", "closes#2", "closes#3"},
		"s\n\nFixes golang/go#73854":                                         {"closes#73854"},
		"s\n\nFixes https://github.com/a/b/issues/8":                         {"closes#8"},
		"fix 3 bugs and close 2 files":                                       nil,
		"Update foo, fixes #12":                                              {"closes#12"},
		"prefix #3":                                                          nil,
		"s\n\nUpdates #4\nUpdates golang/go#5\nFor #6\nRef: #7\nsee #8":      nil,
		"s\n\nReviewed-on: https://go-review.googlesource.com/c/tools/+/680": {"https://go-review.googlesource.com/c/tools/+/680"},
		"s\n\nReviewed-on: https://go-review.googlesource.com/680":           {"https://go-review.googlesource.com/680"},
		"s\n\nRef: https://review.example.com/c/p/+/1":                       nil,
		"s\n\nUpdates https://review.example.com/c/p/+/1":                    nil,
		"KAFKA-123: t\n\nbody":                                               {"KAFKA-123"},
		"s\n\nKAFKA-123 in the body":                                         nil,
		"Read UTF-8 and SHA-256 well":                                        nil,
		"Address CVE-2025-64118":                                             {"CVE-2025-64118"},
		"AB-1 and AB-1 and CD2-22":                                           {"AB-1", "CD2-22"},
		"lower ab-1, A-1":                                                    nil,
		"":                                                                   nil,
		"#12":                                                                nil,
	} {
		if got := findReferences(subjectOf(message), message); !slices.Equal(got, want) {
			t.Errorf("%q: %q, want %q", message, got, want)
		}
	}
}

func TestIdentities(t *testing.T) {
	for text, key := range map[string]string{
		"jdoe: {name: Jane Doe, email: j@x}\n": "",
		"":                                     "",
		"jdoe: {name: Jane}\nJDOE: {name: June}\n": "collect.identities_twice",
		"jdoe: {}\n":             "collect.identities_nobody",
		"jdoe: {nick: x}\n":      "collect.identities_invalid",
		"- a\n- b\n":             "collect.identities_invalid",
		"jdoe: [":                "collect.identities_invalid",
		"jdoe: {name: \"\xff\"}": "collect.identities_invalid",
	} {
		file := filepath.Join(t.TempDir(), "ids.yaml")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		people, sum, err := readIdentities(file)
		if key == "" && (err != nil || len(sum) != 64) || key != "" && !fault.Is(err, key) {
			t.Errorf("%q: %v", text, err)
		}
		if p, ok := people.find("@JDoe"); key == "" && text != "" && (!ok || p.Name != "Jane Doe" || p.Email != "j@x") {
			t.Errorf("%+v", people)
		}
	}
	if _, _, err := readIdentities(filepath.Join(t.TempDir(), "none")); !fault.Is(err, "collect.identities_missing") {
		t.Error(err)
	}
	if _, _, err := readIdentities(t.TempDir()); !fault.Is(err, "collect.identities_invalid") {
		t.Error(err)
	}
}

func TestSignature(t *testing.T) {
	for line, want := range map[string]struct {
		name, email string
		seconds     int64
		timed       bool
	}{
		"A B <a@x> 100 +0200":          {"A B", "a@x", 100, true},
		"A <B> C <a@x> 100 -2500":      {"A", "B> C <a@x", 100, true},
		"<> 5 +0000":                   {"", "", 5, true},
		"A B <a@x>":                    {"A B", "a@x", 0, false},
		"A B <a@x> soon +0000":         {"A B", "a@x", 0, false},
		"A B <a@x> 99999999999999 +00": {"A B", "a@x", 0, false},
		"A B <a@x> -5 +0000":           {"A B", "a@x", -5, true},
		"nobody":                       {"nobody", "", 0, false},
	} {
		got := parseSignature([]byte(line))
		if string(got.name) != want.name || string(got.email) != want.email || got.timed != want.timed || want.timed && got.at != population.Time(want.seconds*1_000_000) {
			t.Errorf("%q: %q %q %v %v", line, got.name, got.email, got.at, got.timed)
		}
	}
}

// The name of a known commit: git's own documentation of the format, computed here.
func TestNameOf(t *testing.T) {
	raw := []byte("tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\nauthor A <a@x> 1 +0000\ncommitter A <a@x> 1 +0000\n\nm\n")
	for _, n := range []int{40, 64} {
		name := nameOf(raw, strings.Repeat("0", n))
		if _, err := hex.DecodeString(name); err != nil || len(name) != n {
			t.Errorf("%q", name)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte("tree x\nparent 4b825dc642cb6eb9a060e54bf8d69288fbee4904\nauthor A <a@x> 1 +0000\ncommitter B <b@x> 2 +0000\nencoding ISO-8859-1\ngpgsig x\n y\n\nReviewed-by: A <a, b\nCloses #1\n"), "gerrit")
	f.Add([]byte("author \ncommitter \n\n\xff\x00"), "kafka")
	f.Add([]byte("author \ncommitter \nencoding UTF-16\n\nACKs for top commit:\n  a:\n"), "ack")
	f.Fuzz(func(t *testing.T, raw []byte, style string) {
		rule, err := newReviewerRule(style, nil)
		if err != nil {
			return
		}
		c, err := parseCommit(raw)
		if err != nil {
			return
		}
		row := rule.change("r", "h", c)
		if _, err := population.New([]population.Change{row}); err != nil && parseSignature(c.committer).timed {
			t.Fatalf("a row no dataset takes: %v", err)
		}
	})
}
