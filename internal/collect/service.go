package collect

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"bevis/internal/authz"
	"bevis/internal/blob"
	"bevis/internal/check"
	"bevis/internal/collect/git"
	"bevis/internal/control"
	"bevis/internal/evidence"
	"bevis/internal/fault"
	"bevis/internal/ledger"
	"bevis/internal/population"
	"bevis/internal/register"
)

// rawLimit bounds one raw answer of a source, in bytes.
const rawLimit = 16 << 30

// Service holds the verbs on collection.
type Service struct {
	Store    *register.Store
	Blobs    blob.Store
	Policy   authz.Policy
	Evidence *evidence.Service
	TempDir  string
}

// Collected is what a run left in the workspace.
type Collected struct {
	Run      register.Entry[Run]
	Dataset  register.Entry[population.Record]
	Evidence *register.Entry[evidence.Evidence] // nil when no control asks for it
}

// Git runs the git collector once and keeps what it brought: the raw answers, the
// dataset with its completeness statement, and one item of evidence linked to the
// controls whose checks test such datasets. A failed run is recorded as well.
func (s *Service) Git(ctx context.Context, o git.Options) (Collected, error) {
	var out Collected
	by, err := s.Policy.Require(ctx, authz.Collect)
	if err != nil {
		return out, err
	}
	o.Principal, o.TempDir = by.ID, s.TempDir
	run := Run{
		Source: "git", Name: o.Name, Collector: git.Version, StartedAt: s.Store.Now().Format(ledger.TimeFormat),
		Scope: map[string]string{"branch": o.Branch, "reviewers": o.Reviewers},
		From:  o.From.UTC().Format(ledger.TimeFormat), To: o.To.UTC().Format(ledger.TimeFormat),
	}
	res, err := git.Collect(ctx, o)
	if err != nil {
		return out, s.failed(ctx, by, run, err)
	}
	defer func() {
		if cerr := res.Close(); cerr != nil {
			err = errors.Join(err, cerr)
		}
	}()
	rec, err := s.keep(ctx, res.Dataset, res.Raw)
	if err != nil {
		return out, s.failed(ctx, by, run, err)
	}
	rec.Source, rec.Collector, rec.From, rec.To = "git", git.Version, run.From, run.To
	rec.Name = res.Dataset.Statement.Parameters["name"]
	run.Name, run.Items = rec.Name, rec.Items
	run.Outcome = Complete
	switch {
	case !rec.Statement.Complete:
		run.Outcome = Incomplete
	case rec.Items == 0:
		run.Outcome = Empty
	}
	err = s.Store.Write(ctx, by.Actor(), func(tx *register.Tx) error {
		rec.CollectedAt = tx.Now().Format(ledger.TimeFormat)
		rec.Code = "D-" + strconv.FormatInt(tx.NextIndex(), 10)
		var err error
		if out.Dataset, err = population.Datasets.Create(tx, rec, ""); err != nil {
			return err
		}
		run.Dataset = out.Dataset.ID
		run.Code = "C-" + strconv.FormatInt(tx.NextIndex(), 10)
		out.Run, err = Runs.Create(tx, run, "")
		return err
	})
	if err != nil {
		return out, err
	}
	out.Evidence, err = s.evidence(ctx, out)
	return out, err
}

// failed records a run that came to nothing and returns why.
func (s *Service) failed(ctx context.Context, by authz.Principal, run Run, cause error) error {
	run.Outcome, run.Failure = Failed, "fault.internal"
	if f, ok := fault.As(cause); ok {
		run.Failure, run.FailureArgs = f.Key, argsOf(f)
	}
	err := s.Store.Write(context.WithoutCancel(ctx), by.Actor(), func(tx *register.Tx) error {
		run.Code = "C-" + strconv.FormatInt(tx.NextIndex(), 10)
		_, err := Runs.Create(tx, run, "")
		return err
	})
	return errors.Join(cause, err)
}

// keep stores the Parquet file and the raw answers.
func (s *Service) keep(ctx context.Context, d *population.Dataset, raws []git.Raw) (rec population.Record, err error) {
	rec = population.Record{Schema: d.Schema(), Entity: d.Entity(), Items: d.Len(), SHA256: d.SHA256(), Statement: d.Statement, Raw: []population.Stored{}}
	f, err := os.CreateTemp(s.TempDir, "bevis-dataset-*")
	if err != nil {
		return rec, fmt.Errorf("collect: temporary file: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close(), os.Remove(f.Name())) }()
	if _, err := population.Write(ctx, f, d); err != nil {
		return rec, err
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return rec, fmt.Errorf("collect: rewind: %w", err)
	}
	ref, err := s.Blobs.Put(ctx, f, rawLimit)
	if err != nil {
		return rec, err
	}
	rec.File = population.Stored{Name: d.Entity() + ".parquet", SHA256: ref.SHA256, Size: ref.Size}
	for _, raw := range raws {
		if raw.Size == 0 {
			continue // an empty answer has no bytes to keep; the statement counts it
		}
		r, err := raw.Open()
		if err != nil {
			return rec, err
		}
		ref, err := s.Blobs.Put(ctx, r, rawLimit)
		if err := errors.Join(err, r.Close()); err != nil {
			return rec, err
		}
		rec.Raw = append(rec.Raw, population.Stored{Name: raw.Name, SHA256: ref.SHA256, Size: ref.Size})
	}
	return rec, nil
}

// evidence makes the run's item of evidence for the controls that its dataset can
// test.
func (s *Service) evidence(ctx context.Context, c Collected) (*register.Entry[evidence.Evidence], error) {
	codes, err := s.controlsFor(ctx, c.Dataset.Value.Schema)
	if err != nil || len(codes) == 0 {
		return nil, err
	}
	d := c.Dataset.Value
	from, to := d.Period()
	if now := s.Store.Now(); to.After(now) {
		to = now
	}
	if to.Before(from) {
		return nil, nil // the window has not begun: there is nothing to show yet
	}
	e, err := s.Evidence.Add(ctx, evidence.Upload{
		Title: d.Name + ": " + d.Entity + " " + d.Code, Type: evidence.ChangeRecord, Controls: codes,
		OccurredFrom: from.Format(time.RFC3339Nano), OccurredTo: to.Format(time.RFC3339Nano),
		CapturedAt:  c.Run.At.Format(time.RFC3339Nano),
		Source:      evidence.Source{System: d.Source, Locator: d.Name + "@" + d.Statement.Head, Method: evidence.API, Query: strings.Join(d.Statement.Query, "\n")},
		PerformedBy: register.Service("collect/" + d.Source).ID, Datasets: []string{c.Dataset.ID.String()},
	})
	if err != nil {
		return nil, err
	}
	return &e, nil
}

// controlsFor lists the controls in force that name a check over the schema.
func (s *Service) controlsFor(ctx context.Context, schema string) ([]string, error) {
	checks, err := check.Catalogue()
	if err != nil {
		return nil, err
	}
	all, err := control.All(s.Store.Live(ctx))
	if err != nil {
		return nil, err
	}
	var codes []string
	for _, c := range all {
		tests := slices.ContainsFunc(checks, func(k check.Check) bool { return k.Schema == schema && slices.Contains(c.Value.Checks, k.ID) })
		if c.Value.Status == control.InForce && tests {
			codes = append(codes, c.Value.Code)
		}
	}
	return codes, nil
}
