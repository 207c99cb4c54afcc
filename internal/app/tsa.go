package app

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"bevis/internal/authz"
	"bevis/internal/fault"
	"bevis/internal/register"
)

// answerLimit bounds a time stamping authority's response, in bytes.
const answerLimit = 1 << 20

// Stamp has the ledger stamped by the configured authority. It returns nil where
// none is configured: the ledger is then unanchored, and shown so.
func (a *App) Stamp(ctx context.Context) (*register.Entry[register.Anchor], error) {
	if _, err := a.Policy.Require(ctx, authz.LedgerStamp); err != nil {
		return nil, err
	}
	return a.stamp(ctx)
}

func (a *App) stamp(ctx context.Context) (*register.Entry[register.Anchor], error) {
	if a.TSA == "" {
		return nil, nil
	}
	u, err := url.Parse(a.TSA)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return nil, fault.New(fault.Invalid, "app.tsa_address")
	}
	name := url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path} // never with credentials
	client := &http.Client{Timeout: 30 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return a.Store.Stamp(ctx, name.String(), func(ctx context.Context, query []byte) ([]byte, error) {
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, a.TSA, bytes.NewReader(query))
		if err != nil {
			return nil, fmt.Errorf("app: timestamp request: %w", err)
		}
		req.Header.Set("Content-Type", "application/timestamp-query")
		res, err := client.Do(req)
		if err != nil {
			return nil, fault.Wrap(err, fault.Unavailable, "app.tsa_failed", "Address", name.String())
		}
		defer func() { _ = res.Body.Close() }()
		body, err := io.ReadAll(io.LimitReader(res.Body, answerLimit))
		if err != nil || res.StatusCode != http.StatusOK {
			return nil, fault.Wrap(fmt.Errorf("app: timestamp answer %d: %w", res.StatusCode, err), fault.Unavailable, "app.tsa_failed", "Address", name.String())
		}
		return body, nil
	})
}

// Seal seals a window and, where an authority is configured, has the seal
// stamped. A seal whose stamp failed is a seal all the same; the failure is
// returned beside it.
func (a *App) Seal(ctx context.Context, name string) (s Sealed, err error) {
	w, err := a.Windows.SealWindow(ctx, name)
	if err != nil {
		return s, err
	}
	s.Window = w
	note, err := a.Store.Checkpoint(ctx)
	if err != nil {
		return s, err
	}
	s.Checkpoint = string(note)
	if e, err := a.stamp(ctx); err != nil {
		s.StampError = err
	} else if e != nil {
		s.Timestamp = e.Value.Time
	}
	return s, nil
}
