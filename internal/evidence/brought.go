package evidence

import (
	"bevis/internal/control"
	"bevis/internal/register"
	"bevis/internal/scope"
)

// Brought is the version of an item that brought the facts in force: its author
// is who brought the evidence, its time is when the server received it (Received),
// and its ledger index is where the fingerprints stand. Reviews and links that
// came later do not move it. h is the item's history, oldest first, never empty.
func Brought(h []register.Entry[Evidence]) register.Entry[Evidence] {
	at := 0
	for i := 1; i < len(h); i++ {
		if !sameFacts(&h[i-1].Value, &h[i].Value) {
			at = i
		}
	}
	return h[at]
}

// InForce picks the version of a control that bound on a day of in, nil if none
// did: the same choice that Gather makes, for lists that read each control once.
func InForce(versions []register.Entry[control.Control], in scope.Interval, cal scope.Calendar) *control.Control {
	return inForce(versions, in, cal)
}

// IsPerformer reports whether a person is who an item says performed the control,
// by id, name or e-mail: what the review rule asks, for pages that offer a review
// only to whom it lets through.
func IsPerformer(performedBy, id, name, email string) bool {
	who := plain(performedBy)
	return performedBy == id || who != "" && (who == plain(name) || who == plain(email))
}
