// Package tsatest is the room with a real RFC 3161 authority for tests: openssl
// with a root and a signing certificate of its own.
package tsatest

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// Authority is a time stamping authority in a folder.
type Authority struct {
	Root []byte // PEM of the root certificate
	dir  string
}

const config = `[req]
distinguished_name = dn
[dn]
[root]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,cRLSign
[tsa]
basicConstraints = critical,CA:FALSE
keyUsage = critical,digitalSignature
extendedKeyUsage = critical,timeStamping
[ts]
default_tsa = ts_config
[ts_config]
serial = serial
crypto_device = builtin
signer_cert = tsa.pem
certs = root.pem
signer_key = tsa.key
signer_digest = sha256
default_policy = 1.3.6.1.4.1.99999.1
digests = sha256
accuracy = secs:1
ordering = yes
tsa_name = yes
ess_cert_id_chain = no
`

// New makes an authority; the test is skipped where openssl is missing.
func New(t *testing.T) *Authority {
	t.Helper()
	if _, err := exec.LookPath("openssl"); err != nil {
		t.Skip("skipped: openssl is not installed; make test installs it")
	}
	a := &Authority{dir: t.TempDir()}
	for name, text := range map[string]string{"ts.cnf": config, "serial": "01\n"} {
		if err := os.WriteFile(filepath.Join(a.dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, args := range [][]string{
		{"req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "root.key", "-out", "root.pem", "-days", "3650", "-subj", "/CN=Example Root", "-config", "ts.cnf", "-extensions", "root"},
		{"req", "-newkey", "rsa:2048", "-nodes", "-keyout", "tsa.key", "-out", "tsa.csr", "-subj", "/CN=Example Time Stamping", "-config", "ts.cnf"},
		{"x509", "-req", "-in", "tsa.csr", "-CA", "root.pem", "-CAkey", "root.key", "-CAcreateserial", "-days", "3650", "-out", "tsa.pem", "-extfile", "ts.cnf", "-extensions", "tsa"},
	} {
		if out, err := a.openssl(context.Background(), args...); err != nil {
			t.Fatalf("%v: %v\n%s", args, err, out)
		}
	}
	root, err := os.ReadFile(filepath.Join(a.dir, "root.pem"))
	if err != nil {
		t.Fatal(err)
	}
	a.Root = root
	return a
}

// Ask answers a query as the authority would over HTTP.
func (a *Authority) Ask(ctx context.Context, query []byte) ([]byte, error) {
	q, err := os.CreateTemp(a.dir, "query-*")
	if err != nil {
		return nil, err
	}
	if _, err := q.Write(query); err != nil {
		return nil, err
	}
	if err := q.Close(); err != nil {
		return nil, err
	}
	answer := q.Name() + ".tsr"
	if out, err := a.openssl(ctx, "ts", "-reply", "-config", "ts.cnf", "-section", "ts_config", "-queryfile", q.Name(), "-out", answer); err != nil {
		return nil, fmt.Errorf("openssl ts: %w: %s", err, out)
	}
	return os.ReadFile(answer)
}

func (a *Authority) openssl(ctx context.Context, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, "openssl", args...)
	cmd.Dir = a.dir
	out, err := cmd.CombinedOutput()
	return bytes.TrimSpace(out), err
}
