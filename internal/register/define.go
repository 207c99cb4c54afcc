package register

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"bevis/internal/fault"
	"bevis/internal/ledger"
)

// ID names an entry of the register of T: a prefix and 26 sortable characters.
// IDs of different registers are different types.
type ID[T any] string

// String returns the id as text.
func (id ID[T]) String() string { return string(id) }

// Actor is who writes. ID is an account ("usr_…"), "operator:<OS user>" for
// somebody with access to the data directory, or "service:<name>".
type Actor struct {
	ID string
}

// Operator is the actor of someone who works on the data directory itself.
func Operator(osUser string) Actor { return Actor{ID: "operator:" + osUser} }

// Service is the actor of work that Bevis does by itself.
func Service(name string) Actor { return Actor{ID: "service:" + name} }

// IsPerson reports whether the actor is a signed-in account. An operator or a
// service never counts as the second person of a two-person rule.
func (a Actor) IsPerson() bool { return strings.HasPrefix(a.ID, "usr_") }

// Index is what lists show and filter by without decoding a body. Times are UTC;
// the zero time means none.
type Index struct {
	Code, Title, Status, Owner string
	Due, From, To              time.Time
}

// Link is a typed reference from an entry to another.
type Link struct {
	Rel Rel
	To  string
}

// Rules are what a register demands of its entries and derives from them.
type Rules[T any] struct {
	// Prefix of ids, for example "ctl".
	Prefix string
	// Check runs for every writer before a version is stored; old is nil for a
	// new entry. It returns a fault.
	Check func(tx *Tx, old, new *T) error
	// Index, Links and Blobs are pure functions of the value: verification
	// recomputes them from the bodies. Only Index is required.
	Index func(v *T) Index
	Links func(v *T) []Link
	Blobs func(v *T) []string
}

// Register is the register of T.
type Register[T any] struct {
	name  string
	rules Rules[T]
}

// Define declares a register. The application hands all registers to Open.
func Define[T any](name string, rules Rules[T]) *Register[T] {
	return &Register[T]{name: name, rules: rules}
}

// Kind is a register seen without its type.
type Kind interface {
	Name() string
	prefix() string
	derive(value []byte) (derived, error)
}

type derived struct {
	index Index
	links []Link
	blobs []string
}

// Name is the register's name as it stands in the ledger.
func (g *Register[T]) Name() string { return g.name }

func (g *Register[T]) prefix() string { return g.rules.Prefix }

// Exists refuses an id that names no entry of the register. It does not read the
// entry.
func (g *Register[T]) Exists(tx *Tx, id ID[T]) error {
	if strings.HasPrefix(id.String(), g.rules.Prefix+"_") {
		if _, err := tx.key(id.String()); fault.KindOf(err) != fault.Invalid {
			return err
		}
	}
	return fault.New(fault.NotFound, "register.not_found", "ID", id)
}

func (g *Register[T]) derive(value []byte) (derived, error) {
	var v T
	if err := json.Unmarshal(value, &v); err != nil {
		return derived{}, fmt.Errorf("register: decode %s: %w", g.name, err)
	}
	return g.deriveFrom(&v), nil
}

func (g *Register[T]) deriveFrom(v *T) derived {
	d := derived{index: g.rules.Index(v)}
	if g.rules.Links != nil {
		d.links = g.rules.Links(v)
		slices.SortFunc(d.links, func(a, b Link) int {
			if a.Rel != b.Rel {
				return int(a.Rel) - int(b.Rel)
			}
			return strings.Compare(a.To, b.To)
		})
		d.links = slices.Compact(d.links)
	}
	if g.rules.Blobs != nil {
		d.blobs = slices.Compact(slices.Sorted(slices.Values(g.rules.Blobs(v))))
	}
	return d
}

// Entry is one version of one entry.
type Entry[T any] struct {
	ID      ID[T]
	Version int64     // from 1
	Seq     int64     // ledger index of this version
	At      time.Time // received
	Actor   string
	Reason  string
	Erased  bool // the body was destroyed under a tombstone; Value is zero
	Value   T
}

// Create stores a new entry and returns it. Only tx.Now and the rules decide its
// time; a caller cannot supply one.
func (g *Register[T]) Create(tx *Tx, v T, reason string) (Entry[T], error) {
	return g.store(tx, ID[T](tx.newID(g.rules.Prefix)), nil, nil, v, reason)
}

// CreateAs is Create with an id that follows from the value, for catalogue data
// that others name before it is read. It fails with fault.Conflict when the entry
// exists.
func (g *Register[T]) CreateAs(tx *Tx, id ID[T], v T, reason string) (Entry[T], error) {
	switch _, err := tx.get(id.String()); {
	case err == nil:
		return Entry[T]{}, fault.New(fault.Conflict, "register.exists", "ID", id)
	case fault.KindOf(err) != fault.NotFound:
		return Entry[T]{}, err
	}
	return g.store(tx, id, nil, nil, v, reason)
}

// Put stores e.Value as the next version of the entry. It fails with
// fault.Conflict when the entry has moved on since e was read.
func (g *Register[T]) Put(tx *Tx, e Entry[T], reason string) (Entry[T], error) {
	old, err := tx.get(e.ID.String())
	if err != nil {
		return Entry[T]{}, err
	}
	if old.kind != g.name {
		return Entry[T]{}, fault.New(fault.NotFound, "register.not_found", "ID", e.ID)
	}
	if old.version != e.Version {
		return Entry[T]{}, fault.New(fault.Conflict, "register.conflict", "ID", e.ID, "Read", e.Version, "Now", old.version)
	}
	if old.body == nil {
		return Entry[T]{}, fault.New(fault.Locked, "register.erased", "ID", e.ID)
	}
	before, err := g.decode(old)
	if err != nil {
		return Entry[T]{}, err
	}
	return g.store(tx, e.ID, old, &before.Value, e.Value, reason)
}

func (g *Register[T]) store(tx *Tx, id ID[T], old *version, before *T, v T, reason string) (Entry[T], error) {
	if g.rules.Check != nil {
		tx.subject = id.String()
		if err := g.rules.Check(tx, before, &v); err != nil {
			return Entry[T]{}, err
		}
	}
	value, err := ledger.Canonical(v)
	if err != nil {
		return Entry[T]{}, fmt.Errorf("register: encode %s: %w", g.name, err)
	}
	var was derived
	if before != nil {
		was = g.deriveFrom(before)
	}
	n, err := tx.append(g.name, id.String(), old, value, reason, was, g.deriveFrom(&v))
	if err != nil {
		return Entry[T]{}, err
	}
	return g.decode(n)
}

func (g *Register[T]) decode(v *version) (Entry[T], error) {
	e := Entry[T]{ID: ID[T](v.id), Version: v.version, Seq: v.seq, At: micro(v.at), Actor: v.actor, Reason: v.reason}
	if v.body == nil {
		e.Erased = true
		return e, nil
	}
	var b struct {
		Value T `json:"value"`
	}
	if err := json.Unmarshal(v.body, &b); err != nil {
		return Entry[T]{}, fmt.Errorf("register: decode %s %s: %w", g.name, v.id, err)
	}
	e.Value = b.Value
	return e, nil
}

const crockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// newID makes prefix_ and 26 characters: 48 bits of milliseconds, 80 random bits.
func newID(prefix string, at int64) string {
	var b [16]byte
	if _, err := rand.Read(b[6:]); err != nil {
		panic(err) // crypto/rand does not fail on supported systems
	}
	ms := at / 1000
	for i := range 6 {
		b[i] = byte(ms >> (8 * (5 - i)))
	}
	out := make([]byte, 0, len(prefix)+27)
	out = append(out, prefix...)
	out = append(out, '_')
	var acc uint32
	bits := 2 // 130 bits for 128: the first character carries three
	for _, c := range b {
		acc = acc<<8 | uint32(c)
		bits += 8
		for bits >= 5 {
			bits -= 5
			out = append(out, crockford[acc>>bits&31])
		}
	}
	return string(out)
}

func micro(us int64) time.Time {
	if us == 0 {
		return time.Time{}
	}
	return time.UnixMicro(us).UTC()
}

func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

// valueOf takes the value out of a committed record.
func valueOf(body []byte) []byte {
	var b Body
	if err := json.Unmarshal(body, &b); err != nil {
		return nil
	}
	return b.Value
}

// Derived is what follows from a value: its index, links and blob digests.
type Derived struct {
	Index Index
	Links []Link
	Blobs []string
}

// Derive computes what follows from the JSON of a value, for verifiers that hold
// bodies and no database.
func Derive(k Kind, value []byte) (Derived, error) {
	d, err := k.derive(value)
	return Derived{d.index, d.links, d.blobs}, err
}
