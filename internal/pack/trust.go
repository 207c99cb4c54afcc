package pack

import (
	"crypto/x509"
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
	certificates := 0
	for block, rest := pem.Decode(raw); block != nil; block, rest = pem.Decode(rest) {
		if _, err := x509.ParseCertificate(block.Bytes); err != nil || block.Type != "CERTIFICATE" {
			return nil, fault.New(fault.Invalid, "pack.trust_certificate", "File", name, "Number", certificates+1)
		}
		certificates++
		t.Roots = append(t.Roots, pem.EncodeToMemory(block)...)
	}
	begun := 0
	inPEM := false
	for line := range strings.SplitSeq(string(raw), "\n") {
		line = strings.TrimSpace(line)
		switch {
		case strings.HasPrefix(line, "-----BEGIN"):
			inPEM = true
			begun++
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
	if begun != certificates { // one that cannot be read must not be passed over: it demands a timestamp
		return nil, fault.New(fault.Invalid, "pack.trust_certificate", "File", name, "Number", certificates+1)
	}
	if len(t.Fingerprints) == 0 && len(t.Roots) == 0 {
		return nil, fault.New(fault.Invalid, "pack.trust_file", "File", name)
	}
	return t, nil
}
