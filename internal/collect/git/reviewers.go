package git

import (
	"regexp"
	"strings"

	"bevis/internal/fault"
	"bevis/internal/population"
)

// Styles of reviewer lines; any other value of Options.Reviewers is a regular
// expression.
const (
	StyleGerrit = "gerrit"
	StyleKafka  = "kafka"
	StyleAck    = "ack"
	styleRegex  = "regex" // Review.Kind of a regular expression
)

const maxPattern = 1000 // bytes of a regular expression

// reviewerRule finds the reviewers that a message names.
type reviewerRule struct {
	kind   string
	prefix []string       // of gerrit and kafka, in lower case
	re     *regexp.Regexp // of regex
	people identities
	// seen remembers entries and texts that came before: a history has far fewer
	// people than commits. A rule belongs to one goroutine.
	seen  map[string]population.Review
	texts map[string]string
}

const maxSeen = 1 << 16 // entries remembered

// newReviewerRule reads the --reviewers value: a style or an RE2 expression.
func newReviewerRule(value string, people identities) (*reviewerRule, error) {
	switch value {
	case "", StyleGerrit:
		return &reviewerRule{kind: StyleGerrit, prefix: []string{"reviewed-by:"}, people: people}, nil
	case StyleKafka:
		return &reviewerRule{kind: StyleKafka, prefix: []string{"reviewer:", "reviewers:"}, people: people}, nil
	case StyleAck:
		return &reviewerRule{kind: StyleAck, people: people}, nil
	}
	bad := func(err error) error {
		return fault.Wrap(err, fault.Invalid, "collect.reviewers_pattern", "Pattern", value)
	}
	if len(value) > maxPattern {
		return nil, bad(nil)
	}
	if _, err := regexp.Compile(value); err != nil { // alone first: a stray bracket must not pair with ours
		return nil, bad(err)
	}
	re, err := regexp.Compile(`\A(?:` + value + `)`)
	if err != nil {
		return nil, bad(err)
	}
	if re.MatchString("") {
		return nil, fault.New(fault.Invalid, "collect.reviewers_pattern_empty", "Pattern", value)
	}
	return &reviewerRule{kind: styleRegex, re: re, people: people}, nil
}

// find lists the reviewers in the order of the message. It looks at every line,
// not only at git's last trailer block: a body after the trailers hides none.
func (r *reviewerRule) find(message string) []population.Review {
	var out []population.Review
	add := func(list string) {
		for _, entry := range splitReviewers(list) {
			out = append(out, r.review(entry))
		}
	}
	if r.kind == StyleAck {
		for _, name := range ackNames(message) {
			out = append(out, r.review(name))
		}
		return out
	}
	for line := range strings.SplitSeq(message, "\n") {
		line = strings.TrimSuffix(line, "\r")
		if r.re != nil {
			if m := r.re.FindStringIndex(line); m != nil {
				add(line[m[1]:])
			}
			continue
		}
		line = strings.TrimLeft(line, " \t")
		for _, p := range r.prefix {
			if hasPrefixFold(line, p) {
				add(line[len(p):])
				break
			}
		}
	}
	return out
}

// splitReviewers splits at commas outside <>. A "<" that is never closed, or only
// after the next "<", ends with its entry. Empty entries are nobody.
func splitReviewers(list string) []string {
	var out []string
	start := 0
	cut := func(end int) {
		if e := strings.TrimSpace(list[start:end]); e != "" {
			out = append(out, e)
		}
		start = end + 1
	}
	for i := 0; i < len(list); i++ {
		switch list[i] {
		case ',':
			cut(i)
		case '<':
			rest := list[i+1:]
			if end := strings.IndexAny(rest, "<>"); end >= 0 && rest[end] == '>' {
				i += 1 + end
			}
		}
	}
	cut(len(list))
	return out
}

// ackNames lists the names indented under "ACKs for top commit:". Each name has
// its own words indented deeper, which are no names. The block ends with the first
// line that is not indented.
func ackNames(message string) []string {
	var out []string
	inside, indent := false, 0
	for line := range strings.SplitSeq(message, "\n") {
		text := strings.TrimSpace(line)
		depth := len(line) - len(strings.TrimLeft(line, " \t"))
		switch {
		case strings.EqualFold(text, "ACKs for top commit:"):
			inside, indent = true, 0
		case !inside || text == "":
		case depth == 0:
			inside = false
		case indent == 0 || depth == indent:
			indent = depth
			if name := strings.TrimSpace(strings.TrimSuffix(text, ":")); name != "" {
				out = append(out, name)
			}
		case depth < indent:
			inside = false
		}
	}
	return out
}

// review reads one entry, or remembers it.
func (r *reviewerRule) review(entry string) population.Review {
	if v, ok := r.seen[entry]; ok {
		return v
	}
	if r.seen == nil || len(r.seen) >= maxSeen {
		r.seen = map[string]population.Review{}
	}
	entry = strings.Clone(entry) // it is a part of the whole message, which need not stay
	v := r.read(entry)
	r.seen[entry] = v
	return v
}

// read takes an entry apart: "Name <address>", an address alone, a name with a
// blank in it, or a single word, which is a user name and nobody we can compare
// until the identity map says who it is.
func (r *reviewerRule) read(entry string) population.Review {
	v := population.Review{Kind: r.kind, Raw: entry}
	name, address, bracket := strings.Cut(entry, "<")
	v.Name = strings.Join(strings.Fields(name), " ")
	if bracket {
		address, _, _ = strings.Cut(address, ">")
		v.Email = strings.TrimSpace(address)
	} else if isAddress(v.Name) {
		v.Name, v.Email = "", v.Name
	}
	if v.Email == "" && v.Name != "" && !strings.Contains(v.Name, " ") {
		v.Username, v.Name = v.Name, ""
		if p, ok := r.people.find(v.Username); ok {
			v.Name, v.Email = p.Name, p.Email
		}
	}
	v.Resolved = v.Email != "" || v.Name != ""
	return v
}

// isAddress reports whether a single word is an e-mail address rather than a user
// name: something on both sides of an @.
func isAddress(word string) bool {
	at := strings.LastIndexByte(word, '@')
	return at > 0 && at < len(word)-1 && !strings.Contains(word, " ")
}
