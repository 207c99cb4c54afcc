package register

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
)

// FieldChange is one difference between two versions. Before and After are text:
// strings as they are, other values as JSON; "" where the field is absent.
type FieldChange struct {
	Field  string `json:"field"` // path, for example "evidence.1.type"
	Before string `json:"before"`
	After  string `json:"after"`
}

// Diff compares two values by their JSON and lists what changed, by path. Lists
// of texts are compared as sets of added and removed elements.
func Diff(before, after any) ([]FieldChange, error) {
	a, err := tree(before)
	if err != nil {
		return nil, err
	}
	b, err := tree(after)
	if err != nil {
		return nil, err
	}
	var out []FieldChange
	diff("", a, b, &out)
	return out, nil
}

func tree(v any) (any, error) {
	raw, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("register: diff: %w", err)
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	var out any
	if err := dec.Decode(&out); err != nil {
		return nil, fmt.Errorf("register: diff: %w", err)
	}
	return out, nil
}

func diff(path string, a, b any, out *[]FieldChange) {
	switch x := a.(type) {
	case map[string]any:
		y, ok := b.(map[string]any)
		if !ok {
			break
		}
		var keys []string
		for k := range x {
			keys = append(keys, k)
		}
		for k := range y {
			if _, ok := x[k]; !ok {
				keys = append(keys, k)
			}
		}
		slices.Sort(keys)
		for _, k := range keys {
			diff(join(path, k), x[k], y[k], out)
		}
		return
	case []any:
		y, ok := b.([]any)
		if !ok {
			break
		}
		if texts(x) && texts(y) {
			diffSets(path, x, y, out)
			return
		}
		for i := range max(len(x), len(y)) {
			diff(join(path, strconv.Itoa(i)), at(x, i), at(y, i), out)
		}
		return
	}
	if s, t := text(a), text(b); s != t {
		*out = append(*out, FieldChange{Field: path, Before: s, After: t})
	}
}

func diffSets(path string, x, y []any, out *[]FieldChange) {
	for _, v := range x {
		if !slices.Contains(y, v) {
			*out = append(*out, FieldChange{Field: path, Before: text(v)})
		}
	}
	for _, v := range y {
		if !slices.Contains(x, v) {
			*out = append(*out, FieldChange{Field: path, After: text(v)})
		}
	}
}

func texts(l []any) bool {
	for _, v := range l {
		if _, ok := v.(string); !ok {
			return false
		}
	}
	return true
}

func at(l []any, i int) any {
	if i < len(l) {
		return l[i]
	}
	return nil
}

func join(path, k string) string {
	if path == "" {
		return k
	}
	return path + "." + k
}

func text(v any) string {
	switch x := v.(type) {
	case nil:
		return ""
	case string:
		return x
	case json.Number:
		return x.String()
	}
	raw, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(raw)
}
