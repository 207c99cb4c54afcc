package ledger

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"time"

	"github.com/digitorus/pkcs7"
	"github.com/digitorus/timestamp"
)

// Timestamp is an RFC 3161 token read and checked against the bytes it stamps.
type Timestamp struct {
	Time    time.Time // genTime of the authority
	Policy  string
	Serial  string
	Signer  string // subject of the signing certificate
	Trusted bool   // the certificate chains to a root the caller named
}

// TimestampQuery makes the request to send to a time stamping authority, and its
// nonce. message is stamped as its SHA-256.
func TimestampQuery(message []byte) (query []byte, nonce *big.Int, err error) {
	nonce, err = rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 63))
	if err != nil {
		return nil, nil, fmt.Errorf("ledger: timestamp nonce: %w", err)
	}
	sum := sha256.Sum256(message)
	req := timestamp.Request{HashAlgorithm: crypto.SHA256, HashedMessage: sum[:], Certificates: true, Nonce: nonce}
	query, err = req.Marshal()
	if err != nil {
		return nil, nil, fmt.Errorf("ledger: timestamp query: %w", err)
	}
	return query, nonce, nil
}

// TimestampToken takes the token out of an authority's response and checks that
// it stamps message and answers nonce.
func TimestampToken(response, message []byte, nonce *big.Int) ([]byte, error) {
	ts, err := timestamp.ParseResponse(response)
	if err != nil {
		return nil, fmt.Errorf("ledger: timestamp response: %w", err)
	}
	if ts.Nonce == nil || ts.Nonce.Cmp(nonce) != 0 {
		return nil, errors.New("ledger: timestamp answers another request")
	}
	if _, err := VerifyTimestamp(ts.RawToken, message, nil); err != nil {
		return nil, err
	}
	return ts.RawToken, nil
}

// VerifyTimestamp checks a token against message: its signature by the one signer
// whose certificate it carries, and that it stamps these bytes. roots are PEM
// certificates of authorities the reader trusts; with none, Trusted stays false.
func VerifyTimestamp(token, message, roots []byte) (ts Timestamp, err error) {
	// The parser reads foreign ASN.1; a panic in it must be an answer, not a crash.
	defer func() {
		if p := recover(); p != nil {
			ts, err = Timestamp{}, errors.New("ledger: timestamp cannot be read")
		}
	}()
	t, err := timestamp.Parse(token)
	if err != nil {
		return Timestamp{}, fmt.Errorf("ledger: timestamp: %w", err)
	}
	sum := sha256.Sum256(message)
	if t.HashAlgorithm != crypto.SHA256 || !bytes.Equal(t.HashedMessage, sum[:]) {
		return Timestamp{}, errors.New("ledger: timestamp is for other bytes")
	}
	ts = Timestamp{Time: t.Time.UTC(), Policy: t.Policy.String()}
	if t.SerialNumber != nil {
		ts.Serial = t.SerialNumber.String()
	}
	// The certificate that counts is the one whose key made the signature, never
	// one that merely lies in the bundle.
	p7, err := pkcs7.Parse(token)
	if err != nil {
		return Timestamp{}, fmt.Errorf("ledger: timestamp: %w", err)
	}
	cert := p7.GetOnlySigner()
	if cert == nil {
		return Timestamp{}, errors.New("ledger: timestamp carries no signing certificate, or several signers")
	}
	ts.Signer = cert.Subject.String()
	if pool, found := rootPool(roots); found {
		inter := x509.NewCertPool()
		for _, c := range t.Certificates {
			inter.AddCert(c)
		}
		_, err := cert.Verify(x509.VerifyOptions{Roots: pool, Intermediates: inter, CurrentTime: t.Time, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageTimeStamping}})
		ts.Trusted = err == nil
	}
	return ts, nil
}

func rootPool(roots []byte) (*x509.CertPool, bool) {
	pool := x509.NewCertPool()
	found := false
	for len(roots) > 0 {
		var block *pem.Block
		block, roots = pem.Decode(roots)
		if block == nil {
			break
		}
		if block.Type != "CERTIFICATE" {
			continue
		}
		if cert, err := x509.ParseCertificate(block.Bytes); err == nil {
			pool.AddCert(cert)
			found = true
		}
	}
	return pool, found
}
