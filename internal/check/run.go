package check

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"bevis/internal/fault"
	"bevis/internal/i18n"
	"bevis/internal/population"
)

// Limits bound one run. Zero values are the defaults.
type Limits struct {
	MaxItems int           // items of the dataset; default 20 million
	Timeout  time.Duration // of load and query together; default 30 minutes
}

// Options are what a run is asked to take into account.
type Options struct {
	NotApplicable bool // control or category not in scope
	Stale         bool // the dataset is older than the control allows
	// Excluded items are out of the test, each with a person's reason. An item that
	// the dataset does not hold is refused: a slip of the pen must not go unnoticed.
	Excluded map[population.Key]string
	// Params override the check's parameters by name.
	Params map[string]int64
	// TraceInMessage says that the control version names the commit line as its
	// trace: then every missing line is a deviation, however few there are.
	TraceInMessage bool
	AllItems       bool // list every item, not only what is not in order
	Limits         Limits
	TempDir        string // where the throw-away database goes; "" is the system's place
	// Loaded, if set, is told when all items stand in the throw-away database and in
	// which file, before the SELECT runs: for benchmarks and the log.
	Loaded func(file string)
}

const (
	defaultMaxItems = 20_000_000
	defaultTimeout  = 30 * time.Minute
)

// Run tests every item of the dataset.
//
// A check that cannot be run to its end (bad SQL, an answer that does not have
// each item once, too little time) is a result with status error: it is never a
// pass, and Cause tells the log why. Run itself fails with fault.Invalid if check,
// dataset and options do not fit together, with fault.TooLarge over the limit of
// items, and otherwise when the context ends or the disk fails.
func Run(ctx context.Context, c Check, d *population.Dataset, o Options) (res *Result, err error) {
	if d == nil || d.Schema() != c.Schema {
		return nil, fault.New(fault.Invalid, "check.schema_differs", "Check", c.ID, "Schema", c.Schema)
	}
	params, bound, err := parameters(&c, o.Params)
	if err != nil {
		return nil, err
	}
	maxItems, timeout := o.Limits.MaxItems, o.Limits.Timeout
	if maxItems <= 0 {
		maxItems = defaultMaxItems
	}
	if timeout <= 0 {
		timeout = defaultTimeout
	}
	temp, err := os.MkdirTemp(o.TempDir, "bevis-check-")
	if err != nil {
		return nil, fmt.Errorf("check: make temporary folder: %w", err)
	}
	defer func() {
		if rm := os.RemoveAll(temp); rm != nil {
			res, err = nil, errors.Join(err, fmt.Errorf("check: remove temporary folder: %w", rm))
		}
	}()
	limited, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	r := &run{check: &c, data: d, options: &o, floor: floorOf(&c, params)}
	r.res = &Result{
		Check: c.ID, Version: c.Version, CheckSHA256: c.SHA256, Parameters: params, Items: []Item{},
		Population: Tested{Items: d.Len(), SHA256: d.SHA256(), Complete: d.Statement.Complete},
	}
	file := filepath.Join(temp, "items.db")
	failure := func() (err error) {
		keys, err := createKeyFile(filepath.Join(temp, "items.keys"))
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, keys.close()) }()
		if r.traces, err = load(limited, &c, d, file, keys, maxItems); err != nil {
			return err
		}
		if o.Loaded != nil {
			o.Loaded(file)
		}
		if err := r.excludedAreThere(limited); err != nil {
			return err
		}
		take, err := r.judge(keys)
		if err != nil {
			return err
		}
		return query(limited, &c, file, bound, take)
	}()
	if failure != nil {
		if ctx.Err() != nil {
			return nil, fmt.Errorf("check: run %s: %w", c.ID, ctx.Err())
		}
		if _, ok := fault.As(failure); ok {
			return nil, failure
		}
		r.fail(failure, errors.Is(limited.Err(), context.DeadlineExceeded))
	}
	r.finish()
	return r.res, nil
}

// parameters merges the defaults with what the caller set, and lists the values
// in the order of $1, $2, ….
func parameters(c *Check, set map[string]int64) (map[string]int64, []any, error) {
	all, bound := map[string]int64{}, []any{}
	for _, p := range c.Parameters {
		v, ok := set[p.Name]
		if !ok {
			v = p.Default
		}
		all[p.Name] = v
		bound = append(bound, v)
	}
	for name := range set {
		if _, ok := all[name]; !ok {
			return nil, nil, fault.New(fault.Invalid, "check.parameter_unknown", "Parameter", name, "Check", c.ID)
		}
	}
	return all, bound, nil
}

func floorOf(c *Check, params map[string]int64) int64 {
	if c.Trace == nil {
		return 0
	}
	return params[c.Trace.Floor]
}

// run is one run on its way.
type run struct {
	check   *Check
	data    *population.Dataset
	options *Options
	floor   int64 // percent
	traces  []repositoryTrace
	res     *Result
	failed  bool
	late    bool // failed for want of time
}

// notRecorded reports whether the trace is not kept in the repository: fewer than
// floor percent of its items carry it, and no control says it must be there.
func (r *run) notRecorded(t repositoryTrace) bool {
	return r.check.Trace != nil && !r.options.TraceInMessage && int64(t.carrying)*100 < r.floor*int64(t.items)
}

func (r *run) excludedAreThere(ctx context.Context) error {
	if len(r.options.Excluded) == 0 {
		return nil
	}
	found := 0
	for c, err := range r.data.Changes(ctx) {
		if err != nil {
			return err
		}
		if _, ok := r.options.Excluded[c.Key()]; ok {
			found++
		}
	}
	if found == len(r.options.Excluded) {
		return nil
	}
	missing := []population.Key{}
	for k := range r.options.Excluded {
		missing = append(missing, k)
	}
	slices.SortFunc(missing, population.Key.Compare)
	for c, err := range r.data.Changes(ctx) {
		if err != nil {
			return err
		}
		missing = slices.DeleteFunc(missing, func(k population.Key) bool { return k == c.Key() })
	}
	return fault.New(fault.Invalid, "check.excluded_unknown", "Item", missing[0].String())
}

// answer is one row of the check's SELECT.
type answer struct{ repository, item, status, reason string }

// judge takes the answers side by side with the items as they were loaded: each
// must come once, in key order, with a status and a reason that the check knows.
// take is called for each answer and once with nil at the end.
func (r *run) judge(keys *keyFile) (take func(*answer) error, err error) {
	next, err := keys.read()
	if err != nil {
		return nil, err
	}
	repository := -1
	return func(a *answer) error {
		l, err := next()
		switch {
		case err != nil:
			return err
		case a == nil && l != nil:
			return fmt.Errorf("check: no answer for %s@%s", l.repository, l.item)
		case a == nil:
			return nil
		case l == nil || string(l.repository) != a.repository || string(l.item) != a.item:
			return fmt.Errorf("check: answer for %s@%s, which is not the next item", a.repository, a.item)
		}
		if repository < 0 || r.traces[repository].name != a.repository {
			repository++
		}
		return r.take(a, l.at, r.notRecorded(r.traces[repository]))
	}, nil
}

func (r *run) take(a *answer, at population.Time, notRecorded bool) error {
	key := population.Key{Repository: a.repository, Item: a.item}
	it := Item{Item: a.item, Repository: a.repository, OccurredAt: at, Status: ItemStatus(a.status), Reason: a.reason}
	_, known := r.check.Reasons[a.reason]
	if known == (it.Status == ItemPass) || it.Status == ItemPass && a.reason != "" {
		return fmt.Errorf("check: status %q with reason %q for %s", a.status, a.reason, key)
	}
	if reason, ok := r.options.Excluded[key]; ok {
		it.Status, it.Reason = ItemExcluded, reason
	} else if notRecorded && it.Status == ItemDeviation && it.Reason == r.check.Trace.Missing {
		it.Status, it.Reason = ItemNotDeterminable, r.check.Trace.Becomes
	}
	switch it.Status {
	case ItemPass:
		r.res.Passed++
	case ItemDeviation:
		r.res.Deviations++
	case ItemNotDeterminable:
		r.res.NotDeterminable++
	case ItemExcluded:
		r.res.Excluded++
	default:
		return fmt.Errorf("check: unknown status %q for %s", a.status, key)
	}
	if r.options.AllItems || it.Status == ItemDeviation || it.Status == ItemNotDeterminable {
		r.res.Items = append(r.res.Items, it)
	}
	return nil
}

// fail drops what was counted so far: half an answer is none.
func (r *run) fail(cause error, late bool) {
	r.failed, r.late = true, late
	r.res.cause = cause
	r.res.Passed, r.res.Deviations, r.res.NotDeterminable, r.res.Excluded, r.res.Items = 0, 0, 0, 0, []Item{}
}

// finish decides the status and says what it rests on.
func (r *run) finish() {
	res := r.res
	unrecorded := []repositoryTrace{}
	if !r.failed {
		for _, t := range r.traces {
			if r.notRecorded(t) {
				unrecorded = append(unrecorded, t)
			}
		}
	}
	res.Status = Decide(Findings{
		Failed: r.failed, Stale: r.options.Stale, NotApplicable: r.options.NotApplicable, Items: res.Population.Items, Complete: res.Population.Complete,
		NotRecorded: len(unrecorded) > 0, Deviations: res.Deviations, NotDeterminable: res.NotDeterminable, Excluded: res.Excluded,
	})
	say := func(key string, count *int, args ...string) {
		s := Sentence{Key: key, Count: count}
		for i := 0; i+1 < len(args); i += 2 {
			if s.Args == nil {
				s.Args = map[string]string{}
			}
			s.Args[args[i]] = args[i+1]
		}
		res.Sentences = append(res.Sentences, s)
	}
	switch res.Status {
	case StatusError:
		key := "check.says.error"
		if r.late {
			key = "check.says.error_late"
		}
		say(key, nil)
	case StatusStale, StatusNotApplicable, StatusNoOccurrence:
		say("check.says."+string(res.Status), nil)
	}
	if n := res.Population.Items; n > 0 && !r.failed {
		say("check.says.counts", &n, "Passed", strconv.Itoa(res.Passed), "Deviations", strconv.Itoa(res.Deviations),
			"Undetermined", strconv.Itoa(res.NotDeterminable), "Excluded", strconv.Itoa(res.Excluded))
	}
	for _, t := range unrecorded {
		say("check.says.not_recorded_here", nil, "Repository", t.name, "Carrying", strconv.Itoa(t.carrying), "Items", strconv.Itoa(t.items), "Floor", strconv.FormatInt(r.floor, 10))
	}
	if r.check.Trace != nil && r.options.TraceInMessage {
		say("check.says.trace_in_message", nil)
	}
	if !res.Population.Complete {
		say("check.says.incomplete", nil)
		for _, reason := range r.data.Statement.Reasons {
			res.Sentences = append(res.Sentences, incompleteSentence(reason))
		}
	}
	// Whatever the answer, it must not be read as more than a git record can carry.
	if s := r.data.Statement.Source; s == "" || s == "git" {
		say("check.says.git_proves", nil)
	}
	res.Explanation = res.explain(i18n.English)
}
