package window

import (
	"context"

	"bevis/internal/authz"
	"bevis/internal/fault"
	"bevis/internal/register"
)

// Sight is which entries a reader may see of the registers that a window speaks
// of. An auditor sees what Contents lists for the one window of their engagement;
// everybody else is bound by their role alone. The zero Sight sees nothing.
type Sight struct {
	all bool
	in  map[Member]bool
}

// SightOf is the sight of whoever asks. It fails with fault.Unauthenticated when
// nobody does. An auditor whose window does not exist sees nothing.
func SightOf(ctx context.Context, s *register.Store) (Sight, error) {
	who, ok := authz.Of(ctx)
	if !ok {
		return Sight{}, fault.New(fault.Unauthenticated, "authz.sign_in")
	}
	if !who.Is(authz.Auditor) {
		return Sight{all: true}, nil
	}
	r := s.Live(ctx)
	w, err := Windows.Get(r, ID(who.Window))
	if fault.KindOf(err) == fault.NotFound {
		return Sight{}, nil
	}
	if err != nil {
		return Sight{}, err
	}
	members, err := Contents(r, &w)
	if err != nil {
		return Sight{}, err
	}
	in := make(map[Member]bool, len(members))
	for _, m := range members {
		in[m] = true
	}
	return Sight{in: in}, nil
}

// Sees reports whether the reader may see an entry of a register, both by name.
func (s Sight) Sees(register, id string) bool { return s.all || s.in[Member{register, id}] }

// Seen keeps the entries of g that the reader may see, in their order.
func Seen[T any](s Sight, g *register.Register[T], es []register.Entry[T]) []register.Entry[T] {
	out := make([]register.Entry[T], 0, len(es))
	for _, e := range es {
		if s.Sees(g.Name(), e.ID.String()) {
			out = append(out, e)
		}
	}
	return out
}
