package population

import (
	"context"
	"strconv"
	"strings"
	"time"

	"bevis/internal/authz"
	"bevis/internal/blob"
	"bevis/internal/fault"
	"bevis/internal/ledger"
	"bevis/internal/register"
	"bevis/internal/scope"
)

// Record is a dataset as the ledger holds it: digest, carrier file, what the
// source answered, and how complete it is. It never changes.
type Record struct {
	Code        string    `json:"code"` // D- and the ledger index
	Name        string    `json:"name"` // of the source: repository, system
	Source      string    `json:"source"`
	Schema      string    `json:"schema"`
	Entity      string    `json:"entity"`
	Items       int       `json:"items"`
	SHA256      string    `json:"sha256"` // digest of the rows
	From        string    `json:"from"`   // ledger.TimeFormat, included
	To          string    `json:"to"`     // excluded
	File        Stored    `json:"file"`   // Parquet
	Raw         []Stored  `json:"raw"`    // the source's answers as received
	Collector   string    `json:"collector"`
	Statement   Statement `json:"statement"`
	CollectedAt string    `json:"collected_at"`
}

// Stored is a blob with a name.
type Stored struct {
	Name   string `json:"name"`
	SHA256 string `json:"sha256"` // of the bytes
	Size   int64  `json:"size"`
}

// Datasets is the register of datasets.
var Datasets = register.Define("dataset", register.Rules[Record]{
	Prefix: "dst",
	Check: func(tx *register.Tx, old, v *Record) error {
		if old != nil {
			return fault.New(fault.Locked, "register.fixed")
		}
		if v.Code != "D-"+strconv.FormatInt(tx.NextIndex(), 10) || v.SHA256 == "" || v.File.SHA256 == "" {
			return fault.New(fault.Invalid, "population.record")
		}
		return nil
	},
	Index: func(v *Record) register.Index {
		i := register.Index{Code: v.Code, Title: v.Name, Status: "incomplete", Owner: v.Source, From: stamp(v.From), To: stamp(v.To)}
		if v.Statement.Complete {
			i.Status = "complete"
		}
		return i
	},
	Blobs: func(v *Record) []string {
		out := []string{v.File.SHA256}
		for _, r := range v.Raw {
			out = append(out, r.SHA256)
		}
		return out
	},
})

func stamp(s string) time.Time {
	t, err := time.Parse(ledger.TimeFormat, s)
	if err != nil {
		return time.Time{}
	}
	return t
}

// Period is the window that the rows were picked from.
func (v *Record) Period() (from, to time.Time) { return stamp(v.From), stamp(v.To) }

// Freeze is the act that fixes a population up to a day: sampling needs only
// this (domain 0a rule 2).
type Freeze struct {
	Dataset register.ID[Record] `json:"dataset"`
	Until   scope.Day           `json:"until"` // last day included
	From    string              `json:"from"`  // ledger.TimeFormat
	To      string              `json:"to"`    // excluded
	Items   int                 `json:"items"`
	SHA256  string              `json:"sha256"` // digest of the frozen rows
}

// Freezes is the register of freezes.
var Freezes = register.Define("freeze", register.Rules[Freeze]{
	Prefix: "frz",
	Check: func(_ *register.Tx, old, v *Freeze) error {
		if old != nil {
			return fault.New(fault.Locked, "register.fixed")
		}
		_, err := scope.ParseDay(string(v.Until))
		return err
	},
	Index: func(v *Freeze) register.Index {
		return register.Index{Code: string(v.Until), Title: v.SHA256, Status: "frozen", From: stamp(v.From), To: stamp(v.To)}
	},
	Links: func(v *Freeze) []register.Link {
		return []register.Link{{Rel: register.Freezes, To: v.Dataset.String()}}
	},
})

// Service holds the verbs on populations.
type Service struct {
	Store  *register.Store
	Blobs  blob.Store
	Policy authz.Policy
}

// Find reads a dataset's record by id or code.
func Find(r register.Reader, name string) (register.Entry[Record], error) {
	if strings.HasPrefix(name, "dst_") {
		return Datasets.Get(r, register.ID[Record](name))
	}
	return Datasets.ByCode(r, name)
}

// Rows opens a dataset's rows, cut to [from, to) when that is narrower than what
// it holds. The digest is computed again on the way: rows that are not what the
// record says are refused.
func Rows(ctx context.Context, blobs blob.Store, v *Record, from, to time.Time) (*Dataset, func() error, error) {
	b, err := blobs.Open(ctx, v.File.SHA256)
	if err != nil {
		return nil, nil, err
	}
	d, err := Open(ctx, b, b.Size())
	if err != nil {
		b.Close() //nolint:errcheck // the first error is the one to tell
		return nil, nil, err
	}
	if d.SHA256() != v.SHA256 {
		b.Close() //nolint:errcheck // the first error is the one to tell
		return nil, nil, fault.New(fault.Unavailable, "population.rows_differ", "Code", v.Code)
	}
	d.Statement = v.Statement
	a, z := v.Period()
	if !from.After(a) && !to.Before(z) {
		return d, b.Close, nil
	}
	part, err := Cut(ctx, d, from, to)
	if err != nil {
		b.Close() //nolint:errcheck // the first error is the one to tell
		return nil, nil, err
	}
	return part, b.Close, nil
}

// Cut makes the dataset of the rows that occurred in [from, to).
func Cut(ctx context.Context, d *Dataset, from, to time.Time) (*Dataset, error) {
	var rows []Change
	st := d.Statement
	st.Items, st.First, st.Last, st.Reviewed, st.Referred = 0, nil, nil, 0, 0
	for c, err := range d.Changes(ctx) {
		if err != nil {
			return nil, err
		}
		at := c.OccurredAt.Time()
		switch {
		case at.Before(from):
			st.Before++
			continue
		case !at.Before(to):
			st.After++
			continue
		}
		rows = append(rows, *c)
		st.Items++
		if c.ReviewLineCount > 0 {
			st.Reviewed++
		}
		if len(c.References) > 0 {
			st.Referred++
		}
		edge := Edge{c.Item, c.OccurredAt}
		if st.First == nil || edge.OccurredAt < st.First.OccurredAt {
			st.First = &edge
		}
		if st.Last == nil || edge.OccurredAt > st.Last.OccurredAt {
			last := edge
			st.Last = &last
		}
	}
	st.From, st.To = from.UTC().Format(time.RFC3339), to.UTC().Format(time.RFC3339)
	part, err := New(rows)
	if err != nil {
		return nil, err
	}
	part.Statement = st
	return part, nil
}

// Freeze fixes a dataset's items up to and including a day.
func (s *Service) Freeze(ctx context.Context, name, until string) (register.Entry[Freeze], error) {
	var e register.Entry[Freeze]
	by, err := s.Policy.Require(ctx, authz.PopulationFreeze)
	if err != nil {
		return e, err
	}
	f, err := s.Preview(ctx, name, until)
	if err != nil {
		return e, err
	}
	err = s.Store.Write(ctx, by.Actor(), func(tx *register.Tx) error {
		e, err = Freezes.Create(tx, f, "")
		return err
	})
	return e, err
}

// List reads the records, newest first.
func (s *Service) List(ctx context.Context) ([]register.Entry[Record], error) {
	if _, err := s.Policy.Require(ctx, authz.PopulationRead); err != nil {
		return nil, err
	}
	return Datasets.All(s.Store.Live(ctx), register.Query{})
}

// Get reads one record.
func (s *Service) Get(ctx context.Context, name string) (register.Entry[Record], error) {
	if _, err := s.Policy.Require(ctx, authz.PopulationRead); err != nil {
		return register.Entry[Record]{}, err
	}
	return Find(s.Store.Live(ctx), name)
}
