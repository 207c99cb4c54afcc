package framework

import (
	"slices"
	"strings"

	"bevis/internal/fault"
)

// Category is one of the five subjects a report can speak of.
type Category string

// The categories, by the names that flags, files and the API use.
const (
	Security            Category = "security"
	Availability        Category = "availability"
	Confidentiality     Category = "confidentiality"
	ProcessingIntegrity Category = "processing_integrity"
	Privacy             Category = "privacy"
)

// AllCategories returns the five categories in the order of the criteria.
func AllCategories() Categories {
	return Categories{Security, Availability, Confidentiality, ProcessingIntegrity, Privacy}
}

// Categories are the subjects one engagement speaks of. Security is in it whether
// or not it is listed (S2).
type Categories []Category

// ParseCategories reads names of categories, as a form sends them or as one text
// with commas. Case does not matter, and a blank or hyphen may stand for the
// underscore. The answer holds Security, each category once, in the order of the
// criteria; no name at all gives Security alone. An unknown name fails with
// fault.Invalid and a sentence that lists the known ones.
func ParseCategories(names ...string) (Categories, error) {
	want := map[Category]bool{Security: true}
	for _, list := range names {
		for name := range strings.SplitSeq(list, ",") {
			name = strings.TrimSpace(name)
			if name == "" {
				continue
			}
			c := Category(strings.NewReplacer(" ", "_", "-", "_").Replace(strings.ToLower(name)))
			if !slices.Contains(AllCategories(), c) {
				return nil, fault.New(fault.Invalid, "framework.category_unknown", "Name", name, "Known", strings.ReplaceAll(AllCategories().String(), ",", ", "))
			}
			want[c] = true
		}
	}
	return slices.DeleteFunc(AllCategories(), func(c Category) bool { return !want[c] }), nil
}

// Has reports whether c is spoken of; Security always is.
func (cs Categories) Has(c Category) bool {
	return c == Security || slices.Contains(cs, c)
}

// String is the list with commas, which ParseCategories reads back.
func (cs Categories) String() string {
	names := make([]string, len(cs))
	for i, c := range cs {
		names[i] = string(c)
	}
	return strings.Join(names, ",")
}
