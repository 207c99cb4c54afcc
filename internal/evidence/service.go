package evidence

import (
	"context"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/gabriel-vasile/mimetype"

	"bevis/internal/authz"
	"bevis/internal/blob"
	"bevis/internal/control"
	"bevis/internal/fault"
	"bevis/internal/ledger"
	"bevis/internal/register"
	"bevis/internal/scope"
)

// DefaultMaxSize is the largest file taken unless the operator says otherwise.
const DefaultMaxSize = 2 << 30

// Service holds the verbs on evidence.
type Service struct {
	Store   *register.Store
	Blobs   blob.Store
	Policy  authz.Policy
	MaxSize int64 // bytes; 0 means DefaultMaxSize
}

// Upload is what somebody brings. Times are text as the person gave them.
type Upload struct {
	Title        string
	Type         Type
	Controls     []string // codes
	OccurredFrom string
	OccurredTo   string
	CapturedAt   string
	ValidFrom    string
	ValidTo      string
	Slot         string
	Source       Source
	PerformedBy  string
	Files        []File // stored before, by Store
	Datasets     []string
	Supersedes   string // code of the item it stands for
	Reason       string
}

// Keep stores the bytes of one file. It goes before Add, so that no file work
// happens inside a transaction; bytes that no entry refers to in the end are
// removed by the sweeper.
func (s *Service) Keep(ctx context.Context, name string, r io.Reader) (File, error) {
	if _, err := s.Policy.Require(ctx, authz.EvidenceAdd); err != nil {
		return File{}, err
	}
	limit := s.MaxSize
	if limit == 0 {
		limit = DefaultMaxSize
	}
	var head prefix
	ref, err := s.Blobs.Put(ctx, io.TeeReader(r, &head), limit)
	if err != nil {
		return File{}, err
	}
	return File{Name: cleanName(name), SHA256: ref.SHA256, Size: ref.Size, Media: mimetype.Detect(head.b).String()}, nil
}

// prefix keeps the first bytes of a stream: enough to tell the media type.
type prefix struct{ b []byte }

func (p *prefix) Write(b []byte) (int, error) {
	if n := 3072 - len(p.b); n > 0 {
		p.b = append(p.b, b[:min(n, len(b))]...)
	}
	return len(b), nil
}

func cleanName(name string) string {
	name = path.Base(strings.ReplaceAll(name, "\\", "/"))
	name = strings.Map(func(r rune) rune {
		if r < 0x20 || r == 0x7f || r == '�' {
			return -1
		}
		return r
	}, strings.ToValidUTF8(name, ""))
	if name == "" || name == "." || name == ".." || name == "/" {
		return "file"
	}
	return name
}

// Add records an item of evidence and links it to its controls.
//
// It fails with fault.Denied or fault.Invalid; evidence that arrives after the
// window was closed is accepted and carries its label (E5).
func (s *Service) Add(ctx context.Context, u Upload) (register.Entry[Evidence], error) {
	by, err := s.Policy.Require(ctx, authz.EvidenceAdd)
	if err != nil {
		return register.Entry[Evidence]{}, err
	}
	for _, f := range u.Files {
		if _, err := s.Blobs.Stat(ctx, f.SHA256); err != nil {
			return register.Entry[Evidence]{}, err
		}
	}
	var e register.Entry[Evidence]
	err = s.Store.Write(ctx, by.Actor(), func(tx *register.Tx) error {
		item, err := s.item(tx, u)
		if err != nil {
			return err
		}
		if u.Supersedes != "" {
			old, err := Items.ByCode(tx, u.Supersedes)
			if err != nil {
				return err
			}
			item.Supersedes = old.ID.String()
			old.Value.Status = Superseded
			if _, err := Items.Put(tx, old, u.Reason); err != nil {
				return err
			}
		}
		item.Code = CodeOf(tx.NextIndex())
		e, err = Items.Create(tx, item, u.Reason)
		return err
	})
	return e, err
}

// item parses an upload against the workspace.
func (s *Service) item(tx *register.Tx, u Upload) (Evidence, error) {
	cal, err := scope.CalendarOf(tx)
	if err != nil {
		return Evidence{}, err
	}
	if strings.TrimSpace(u.OccurredFrom) == "" {
		return Evidence{}, fault.New(fault.Invalid, "evidence.occurred")
	}
	in, err := cal.Parse(u.OccurredFrom, u.OccurredTo)
	if err != nil {
		return Evidence{}, err
	}
	if len(u.Controls) == 0 {
		return Evidence{}, fault.New(fault.Invalid, "evidence.unlinked")
	}
	cs, err := control.Find(tx, u.Controls)
	if err != nil {
		return Evidence{}, err
	}
	e := Evidence{
		Title: strings.TrimSpace(u.Title), Type: u.Type, Source: u.Source, PerformedBy: strings.TrimSpace(u.PerformedBy),
		OccurredFrom: in.From.Format(ledger.TimeFormat), OccurredTo: in.To.Format(ledger.TimeFormat), WholeDays: in.WholeDays,
		Files: u.Files, Datasets: u.Datasets, Slot: scope.Day(u.Slot), Status: Collected, Reviews: []Review{}, Controls: []control.ID{},
	}
	for _, c := range cs {
		if !slices.Contains(e.Controls, c.ID) {
			e.Controls = append(e.Controls, c.ID)
		}
	}
	if e.Files == nil {
		e.Files = []File{}
	}
	if e.Datasets == nil {
		e.Datasets = []string{}
	}
	if e.Source.Method == "" {
		e.Source.Method = Uploaded
	}
	if e.Title == "" && len(e.Files) > 0 {
		e.Title = e.Files[0].Name
	}
	if u.CapturedAt != "" {
		at, err := cal.Parse(u.CapturedAt, "")
		if err != nil {
			return Evidence{}, err
		}
		e.CapturedAt = at.From.Format(ledger.TimeFormat)
	}
	for _, v := range []struct {
		text string
		day  *scope.Day
	}{{u.ValidFrom, &e.ValidFrom}, {u.ValidTo, &e.ValidTo}} {
		if v.text == "" {
			continue
		}
		if *v.day, err = scope.ParseDay(v.text); err != nil {
			return Evidence{}, err
		}
	}
	return e, nil
}

// Accept records that a second person reviewed the item and found it in order.
func (s *Service) Accept(ctx context.Context, code, note string) (register.Entry[Evidence], error) {
	return s.decide(ctx, code, Accepted, note)
}

// Return sends the item back with a reason.
func (s *Service) Return(ctx context.Context, code, reason string) (register.Entry[Evidence], error) {
	return s.decide(ctx, code, Returned, reason)
}

func (s *Service) decide(ctx context.Context, code string, d Status, reason string) (register.Entry[Evidence], error) {
	by, err := s.Policy.Require(ctx, authz.EvidenceReview)
	if err != nil {
		return register.Entry[Evidence]{}, err
	}
	var e register.Entry[Evidence]
	err = s.Store.Write(ctx, by.Actor(), func(tx *register.Tx) error {
		var err error
		if e, err = Items.ByCode(tx, code); err != nil {
			return err
		}
		e.Value.Status = d
		e.Value.Reviews = append(slices.Clone(e.Value.Reviews), Review{By: by.ID, At: tx.Now().Format(ledger.TimeFormat), Decision: d, Reason: strings.TrimSpace(reason)})
		e, err = Items.Put(tx, e, reason)
		return err
	})
	return e, err
}

// Relink changes which controls an item supports.
func (s *Service) Relink(ctx context.Context, code string, controls []string, reason string) (register.Entry[Evidence], error) {
	by, err := s.Policy.Require(ctx, authz.EvidenceAdd)
	if err != nil {
		return register.Entry[Evidence]{}, err
	}
	if strings.TrimSpace(reason) == "" {
		return register.Entry[Evidence]{}, fault.New(fault.Invalid, "control.reason")
	}
	var e register.Entry[Evidence]
	err = s.Store.Write(ctx, by.Actor(), func(tx *register.Tx) error {
		var err error
		if e, err = Items.ByCode(tx, code); err != nil {
			return err
		}
		cs, err := control.Find(tx, controls)
		if err != nil {
			return err
		}
		e.Value.Controls = nil
		for _, c := range cs {
			e.Value.Controls = append(e.Value.Controls, c.ID)
		}
		e, err = Items.Put(tx, e, reason)
		return err
	})
	return e, err
}

// List reads index rows, newest first.
func (s *Service) List(ctx context.Context, q register.Query) ([]register.Row, error) {
	if _, err := s.Policy.Require(ctx, authz.EvidenceRead); err != nil {
		return nil, err
	}
	return Items.List(s.Store.Live(ctx), q)
}

// Get reads an item by its code.
func (s *Service) Get(ctx context.Context, code string) (register.Entry[Evidence], error) {
	if _, err := s.Policy.Require(ctx, authz.EvidenceRead); err != nil {
		return register.Entry[Evidence]{}, err
	}
	return Items.ByCode(s.Store.Live(ctx), code)
}

// Verify re-reads an item's bytes and holds them against their digests.
func (s *Service) Verify(ctx context.Context, e Evidence) error {
	if _, err := s.Policy.Require(ctx, authz.EvidenceRead); err != nil {
		return err
	}
	for _, f := range e.Files {
		if err := s.Blobs.Verify(ctx, f.SHA256); err != nil {
			return fmt.Errorf("evidence: %s: %w", f.Name, err)
		}
	}
	return nil
}

// For lists whole items that support a control, oldest occurrence first.
func For(r register.Reader, id control.ID) ([]register.Entry[Evidence], error) {
	all, err := Items.From(r, id.String(), register.Supports)
	if err != nil {
		return nil, err
	}
	out := slices.DeleteFunc(all, func(e register.Entry[Evidence]) bool { return e.Erased })
	slices.SortStableFunc(out, func(a, b register.Entry[Evidence]) int {
		return a.Value.Occurred().From.Compare(b.Value.Occurred().From)
	})
	return out, nil
}

// Received is when the server got the item: its first version's time, or that of
// the version that brought the facts in force.
func Received(h []register.Entry[Evidence]) time.Time {
	at := h[0].At
	for i := 1; i < len(h); i++ {
		if !sameFacts(&h[i-1].Value, &h[i].Value) {
			at = h[i].At
		}
	}
	return at
}
