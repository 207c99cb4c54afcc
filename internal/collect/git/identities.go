package git

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"

	"bevis/internal/fault"
	"bevis/internal/population"
)

// Person is who a user name belongs to. One of the two may be left out.
type Person struct {
	Name  string `yaml:"name"`
	Email string `yaml:"email"`
}

// identities maps folded user names to people.
//
// The file is YAML, one user name a key:
//
//	jdoe:
//	  name: Jane Doe
//	  email: jane.doe@example.com
//	mmeier: {name: Max Meier}
//
// Case and a leading @ of a user name do not matter. The file decides who counts
// as a second person, so its SHA-256 stands in the completeness statement.
type identities map[string]Person

const maxIdentities = 16 << 20 // bytes of the file

// readIdentities reads the file and returns its SHA-256; no path is no map.
func readIdentities(path string) (identities, string, error) {
	if path == "" {
		return nil, "", nil
	}
	info, err := os.Stat(path)
	if err == nil && (info.IsDir() || info.Size() > maxIdentities) {
		return nil, "", fault.New(fault.Invalid, "collect.identities_invalid", "File", path)
	}
	raw, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, "", fault.New(fault.Invalid, "collect.identities_missing", "File", path)
	}
	if err != nil {
		return nil, "", fault.Wrap(err, fault.Unavailable, "collect.identities_unreadable", "File", path)
	}
	people, err := parseIdentities(raw)
	if err != nil {
		if f, ok := fault.As(err); ok {
			f.Args = append(f.Args, "File", path)
			return nil, "", f
		}
		return nil, "", err
	}
	sum := sha256.Sum256(raw)
	return people, hex.EncodeToString(sum[:]), nil
}

func parseIdentities(raw []byte) (identities, error) {
	var file map[string]Person
	if err := yaml.UnmarshalWithOptions(raw, &file, yaml.Strict()); err != nil || !utf8.Valid(raw) {
		return nil, fault.Wrap(err, fault.Invalid, "collect.identities_invalid")
	}
	people := identities{}
	for user, p := range file {
		k := userKey(user)
		if _, twice := people[k]; twice {
			return nil, fault.New(fault.Invalid, "collect.identities_twice", "User", user)
		}
		p.Name, p.Email = strings.Join(strings.Fields(p.Name), " "), strings.TrimSpace(p.Email)
		if k == "" || p.Name == "" && p.Email == "" || strings.ContainsRune(p.Name+p.Email, 0) {
			return nil, fault.New(fault.Invalid, "collect.identities_nobody", "User", user)
		}
		people[k] = p
	}
	return people, nil
}

func (m identities) find(user string) (Person, bool) {
	p, ok := m[userKey(user)]
	return p, ok
}

func userKey(user string) string { return population.Fold(strings.TrimPrefix(user, "@")) }
