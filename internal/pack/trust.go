package pack

import (
	"encoding/pem"
	"os"
	"regexp"
	"strings"

	"bevis/internal/fault"
	"bevis/internal/ledger"
)

// Trust is what the reader was given over another channel: the ledger's key or its
// fingerprint, and certificates of time stamping authorities.
type Trust struct {
	Fingerprints []string // lower-case hex
	Roots        []byte   // PEM
}

var fingerprintForm = regexp.MustCompile(`^[0-9a-f]{64}$`)

// ReadTrust reads a trust file: lines with a ledger key (as in keys/ledger.pub) or
// a fingerprint (blanks and colons are ignored), "#" comments, and PEM
// certificates. A certificate means that a timestamp is demanded.
func ReadTrust(name string) (*Trust, error) {
	raw, err := os.ReadFile(name)
	if err != nil {
		return nil, noFile(err, name)
	}
	t := &Trust{}
	rest := raw
	for {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		if block.Type == "CERTIFICATE" {
			t.Roots = append(t.Roots, pem.EncodeToMemory(block)...)
		}
	}
	inPEM := false
	for line := range strings.SplitSeq(string(raw), "\n") {
		line = strings.TrimSpace(line)
		switch {
		case strings.HasPrefix(line, "-----BEGIN"):
			inPEM = true
		case strings.HasPrefix(line, "-----END"):
			inPEM = false
		case inPEM || line == "" || strings.HasPrefix(line, "#"):
		default:
			if k, err := ledger.ParseKey(line); err == nil {
				t.Fingerprints = append(t.Fingerprints, k.Fingerprint())
				continue
			}
			f := strings.ToLower(strings.NewReplacer(" ", "", ":", "").Replace(line))
			if !fingerprintForm.MatchString(f) {
				return nil, fault.New(fault.Invalid, "pack.trust_file", "File", name)
			}
			t.Fingerprints = append(t.Fingerprints, f)
		}
	}
	if len(t.Fingerprints) == 0 && len(t.Roots) == 0 {
		return nil, fault.New(fault.Invalid, "pack.trust_file", "File", name)
	}
	return t, nil
}
