package population

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"iter"
	"runtime"
	"slices"

	"bevis/internal/fault"
)

// Dataset is a population: its rows in key order, the schema they follow and the
// digest over both. Rows sit in memory (New) or stay in their Parquet file and
// are read as a stream each time (Open).
type Dataset struct {
	// Statement says how complete the rows are. It is not under the digest: the
	// same rows may be fetched twice. A zero Statement is not complete.
	Statement Statement

	schema string
	items  int
	digest string
	rows   []Change
	file   *parquetSource
}

// New makes a dataset of changes. It takes the slice over and sorts it by key.
// It fails with fault.Invalid if two rows share a key or a row holds what no
// dataset may hold; rows count from 1 in key order.
func New(changes []Change) (*Dataset, error) {
	sortByKey(changes)
	d := NewDigest(ChangeSchema)
	if err := d.addAll(changes); err != nil {
		return nil, err
	}
	return &Dataset{schema: ChangeSchema, items: len(changes), digest: d.Sum(), rows: changes}, nil
}

// sortByKey sorts positions and then moves each row once: rows are large, and a
// sort swaps often.
func sortByKey(rows []Change) {
	order := make([]int32, len(rows))
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortFunc(order, func(a, b int32) int { return rows[a].Key().Compare(rows[b].Key()) })
	for i := range order {
		// Follow the cycle that starts at i; done positions point at themselves.
		held, at := rows[i], i
		for {
			from := int(order[at])
			order[at] = int32(at)
			if from == i {
				rows[at] = held
				break
			}
			rows[at] = rows[from]
			at = from
		}
	}
}

// Schema is the id of the rows' schema, such as change/1.
func (d *Dataset) Schema() string { return d.schema }

// Entity is the name of what a row is, such as change.
func (d *Dataset) Entity() string { return "change" }

// Len is the number of items.
func (d *Dataset) Len() int { return d.items }

// SHA256 is the dataset digest in hexadecimal.
func (d *Dataset) SHA256() string { return d.digest }

// Changes yields the rows in key order. A row is valid until the next one is
// asked for. The sequence ends early after an error, which it yields with a nil
// row: the context's, or that of a file that changed since it was opened.
func (d *Dataset) Changes(ctx context.Context) iter.Seq2[*Change, error] {
	if d.file != nil {
		return d.file.changes(ctx)
	}
	return func(yield func(*Change, error) bool) {
		for i := range d.rows {
			if i%4096 == 0 && ctx.Err() != nil {
				yield(nil, ctx.Err())
				return
			}
			if !yield(&d.rows[i], nil) {
				return
			}
		}
	}
}

// Digest computes a dataset digest while rows stream by: SHA-256 over the schema
// id and each row's canonical JSON, each followed by a line feed, rows in key
// order. It depends on no library's file format.
type Digest struct {
	h     hash.Hash
	buf   []byte
	last  Key
	items int
}

// NewDigest begins the digest of a dataset with the schema id.
func NewDigest(schema string) *Digest {
	d := &Digest{h: sha256.New()}
	d.h.Write([]byte(schema + "\n"))
	return d
}

// Add takes the next row in key order. It fails with fault.Invalid if the row is
// not valid, repeats the key before it, or comes too late.
func (d *Digest) Add(c *Change) error {
	d.buf = append(c.appendJSON(d.buf[:0]), '\n')
	if err := c.check(d.items+1, d.buf); err != nil {
		return err
	}
	if err := d.follows(c); err != nil {
		return err
	}
	d.h.Write(d.buf)
	return nil
}

// follows accepts the row as the next one if its key comes after the last.
func (d *Digest) follows(c *Change) error {
	row := d.items + 1
	if k := c.Key(); d.items > 0 {
		switch n := d.last.Compare(k); {
		case n == 0:
			return fault.New(fault.Invalid, "population.key_twice", "Item", c.Item, "Repository", c.Repository)
		case n > 0:
			return fault.New(fault.Invalid, "population.order", "Row", row)
		}
	}
	d.last, d.items = c.Key(), row
	return nil
}

// digestChunk is how many rows are encoded together by one goroutine.
const digestChunk = 512

// addAll is Add for many rows: they are encoded and checked side by side, and
// hashed in order.
func (d *Digest) addAll(rows []Change) error {
	type encoded struct {
		lines []byte
		err   error
	}
	chunks := slices.Collect(slices.Chunk(rows, digestChunk))
	done := make([]chan encoded, len(chunks))
	for i := range done {
		done[i] = make(chan encoded, 1)
	}
	room := 2 * runtime.GOMAXPROCS(0) // chunks held in memory at once
	free := make(chan []byte, room)
	for range room {
		free <- nil
	}
	stop := make(chan struct{})
	defer close(stop)
	first := d.items
	go func() {
		for i, chunk := range chunks {
			var buf []byte
			select {
			case buf = <-free:
			case <-stop:
				return
			}
			go func() {
				e := encoded{lines: buf[:0]}
				for j := range chunk {
					start := len(e.lines)
					e.lines = append(chunk[j].appendJSON(e.lines), '\n')
					if e.err = chunk[j].check(first+i*digestChunk+j+1, e.lines[start:]); e.err != nil {
						break
					}
				}
				done[i] <- e
			}()
		}
	}()
	for i, chunk := range chunks {
		e := <-done[i]
		if e.err != nil {
			return e.err
		}
		for j := range chunk {
			if err := d.follows(&chunk[j]); err != nil {
				return err
			}
		}
		d.h.Write(e.lines)
		free <- e.lines
	}
	return nil
}

// Items is the number of rows taken.
func (d *Digest) Items() int { return d.items }

// Sum is the digest of the rows so far, in hexadecimal.
func (d *Digest) Sum() string { return hex.EncodeToString(d.h.Sum(nil)) }
