package population

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"iter"

	"github.com/parquet-go/parquet-go"

	"bevis/internal/fault"
)

// Names of the key-value metadata in the Parquet file.
const (
	metaSchema = "bevis.schema"
	metaDigest = "bevis.sha256"
)

// MaxItems is the largest number of rows that Open accepts: a damaged footer may
// claim any number, and reading must end.
const MaxItems = 50_000_000

const (
	batch        = 1024   // rows handed to or taken from the Parquet library at once
	rowGroupRows = 65_536 // rows of a row group: bounds the writer's memory
	maxFooter    = 64 << 20
)

// Write stores the dataset as a Parquet file and returns the file's SHA-256 in
// hexadecimal. The writer's settings are fixed, so the same rows give the same
// bytes with the same library version; what identifies the dataset over library
// versions is its digest, which the file carries as metadata.
func Write(ctx context.Context, w io.Writer, d *Dataset) (fileSHA256 string, err error) {
	h := sha256.New()
	out := parquet.NewGenericWriter[Change](io.MultiWriter(w, h),
		parquet.CreatedBy("bevis", ChangeSchema, ""),
		parquet.KeyValueMetadata(metaSchema, d.Schema()),
		parquet.KeyValueMetadata(metaDigest, d.SHA256()),
		parquet.MaxRowsPerRowGroup(rowGroupRows),
		parquet.DataPageVersion(2),
		parquet.DataPageStatistics(true),
		parquet.Compression(&parquet.Uncompressed),
	)
	rows := make([]Change, 0, batch)
	flush := func() error {
		if _, err := out.Write(rows); err != nil {
			return fmt.Errorf("population: write Parquet: %w", err)
		}
		rows = rows[:0]
		return nil
	}
	for c, err := range d.Changes(ctx) {
		if err != nil {
			return "", err
		}
		if rows = append(rows, *c); len(rows) == batch {
			if err := flush(); err != nil {
				return "", err
			}
		}
	}
	if err := flush(); err != nil {
		return "", err
	}
	if err := out.Close(); err != nil {
		return "", fmt.Errorf("population: write Parquet: %w", err)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// Open checks a Parquet file from its first row to its last and returns the
// dataset in it. Rows stay in the file, so r must live as long as the dataset.
//
// The digest is computed from the rows, never taken from the file's word. It fails
// with fault.Invalid if the bytes are no Parquet file, hold another schema, hold
// rows that are not valid, not in key order or not unique, or do not have the
// digest that the file claims. The bytes may be anybody's: damaged ones give a
// fault, never a panic.
func Open(ctx context.Context, r io.ReaderAt, size int64) (*Dataset, error) {
	src, err := openParquet(r, size)
	if err != nil {
		return nil, err
	}
	sum := NewDigest(ChangeSchema)
	for c, err := range src.changes(ctx) {
		if err != nil {
			return nil, err
		}
		if err := sum.Add(c); err != nil {
			return nil, err
		}
	}
	if int64(sum.Items()) != src.file.NumRows() {
		return nil, fault.New(fault.Invalid, "population.parquet_damaged")
	}
	if got := sum.Sum(); got != src.claimed {
		return nil, fault.New(fault.Invalid, "population.digest_differs", "Claimed", src.claimed, "Found", got)
	}
	return &Dataset{schema: ChangeSchema, items: sum.Items(), digest: sum.Sum(), file: src}, nil
}

// parquetSource is a Parquet file whose schema is known to be ours.
type parquetSource struct {
	file    *parquet.File
	claimed string // digest in the file's metadata
}

func openParquet(r io.ReaderAt, size int64) (src *parquetSource, err error) {
	defer guard(&err)
	if err := checkFrame(r, size); err != nil {
		return nil, err
	}
	f, err := parquet.OpenFile(r, size, parquet.SkipPageIndex(true), parquet.SkipBloomFilters(true))
	if err != nil {
		return nil, fault.Wrap(err, fault.Invalid, "population.parquet_damaged")
	}
	want := parquet.SchemaOf(Change{})
	if id, ok := f.Lookup(metaSchema); !ok || id != ChangeSchema || f.Schema().String() != want.String() {
		return nil, fault.New(fault.Invalid, "population.schema_foreign", "Schema", ChangeSchema)
	}
	if n := f.NumRows(); n < 0 || n > MaxItems {
		return nil, fault.New(fault.TooLarge, "population.too_many_rows", "Max", MaxItems)
	}
	if err := checkPages(r, size, f); err != nil {
		return nil, fault.Wrap(err, fault.Invalid, "population.parquet_damaged")
	}
	claimed, _ := f.Lookup(metaDigest)
	return &parquetSource{file: f, claimed: claimed}, nil
}

// checkFrame looks at the magic bytes and the footer's length before the library
// believes them.
func checkFrame(r io.ReaderAt, size int64) error {
	not := func(err error) error { return fault.Wrap(err, fault.Invalid, "population.not_parquet") }
	var head [4]byte
	var tail [8]byte
	if size < 12 {
		return not(nil)
	}
	if _, err := r.ReadAt(head[:], 0); err != nil {
		return not(err)
	}
	if _, err := r.ReadAt(tail[:], size-8); err != nil && !errors.Is(err, io.EOF) {
		return not(err)
	}
	if string(head[:]) != "PAR1" || string(tail[4:]) != "PAR1" {
		return not(nil)
	}
	n := int64(tail[0]) | int64(tail[1])<<8 | int64(tail[2])<<16 | int64(tail[3])<<24
	if n > size-12 || n > maxFooter {
		return fault.New(fault.Invalid, "population.parquet_damaged")
	}
	return nil
}

// guard turns a panic of the Parquet library over foreign bytes into a fault.
func guard(err *error) { //nolint:gocritic // it sets the caller's named result
	if p := recover(); p != nil {
		*err = fault.Wrap(fmt.Errorf("population: Parquet library: %v", p), fault.Invalid, "population.parquet_damaged")
	}
}

func (s *parquetSource) changes(ctx context.Context) iter.Seq2[*Change, error] {
	return func(yield func(*Change, error) bool) {
		var in *parquet.GenericReader[Change]
		open := func() (err error) {
			defer guard(&err)
			in = parquet.NewGenericReader[Change](s.file)
			return nil
		}
		if err := open(); err != nil {
			yield(nil, err)
			return
		}
		defer func() {
			var err error // closing after damage may panic too; the rows' fault was told
			defer guard(&err)
			err = in.Close()
		}()
		rows := make([]Change, batch)
		for {
			if err := ctx.Err(); err != nil {
				yield(nil, err)
				return
			}
			clear(rows)
			n, err := readBatch(in, rows)
			for i := range n {
				if !yield(&rows[i], nil) {
					return
				}
			}
			if errors.Is(err, io.EOF) {
				return
			}
			if err != nil {
				yield(nil, err)
				return
			}
			if n == 0 {
				yield(nil, fault.New(fault.Invalid, "population.parquet_damaged"))
				return
			}
		}
	}
}

func readBatch(in *parquet.GenericReader[Change], rows []Change) (n int, err error) {
	defer guard(&err)
	n, err = in.Read(rows)
	if err != nil && !errors.Is(err, io.EOF) {
		return 0, fault.Wrap(err, fault.Invalid, "population.parquet_damaged")
	}
	return n, err
}
