// Package fault is the room for the one error type a person may see.
//
// A fault carries a kind, a message key of the i18n catalogues and named
// arguments; the sentence itself is made where it is shown, in the reader's
// language. Every other error is internal: it is logged, and a person gets a
// reference number instead of its text.
package fault

import (
	"errors"
	"fmt"
	"strings"
)

// Kind says what sort of failure a person is looking at. Surfaces turn it into
// an HTTP status or an exit status.
type Kind int

const (
	// Internal is the kind of every error that is not a fault.
	Internal Kind = iota
	// Invalid is wrong input: the person can mend it.
	Invalid
	// Denied means the actor may not do this.
	Denied
	// Unauthenticated means nobody is signed in, or the sign-in failed.
	Unauthenticated
	// NotFound means that the named thing does not exist or may not be seen.
	NotFound
	// Conflict means that somebody else changed the entry since it was read.
	Conflict
	// Locked means that a closed or sealed window forbids the change.
	Locked
	// TooLarge means that an input is over a limit.
	TooLarge
	// Busy means that another process holds what is needed, or a rate limit.
	Busy
	// Unavailable means that the disk, database or network failed.
	Unavailable
)

var kindNames = [...]string{"internal", "invalid", "denied", "unauthenticated", "not_found", "conflict", "locked", "too_large", "busy", "unavailable"}

// String returns the stable name used in JSON errors.
func (k Kind) String() string {
	if k < 0 || int(k) >= len(kindNames) {
		return "internal"
	}
	return kindNames[k]
}

// Error is a failure that may be shown to a person.
type Error struct {
	Kind  Kind
	Key   string // message key in the i18n catalogues
	Args  []any  // alternating name (string) and value
	Cause error  // for the log only; may be nil
}

// New makes a fault. args are alternating names and values for the message.
func New(kind Kind, key string, args ...any) *Error {
	return &Error{Kind: kind, Key: key, Args: args}
}

// Wrap makes a fault that remembers the foreign error behind it for the log.
func Wrap(cause error, kind Kind, key string, args ...any) *Error {
	return &Error{Kind: kind, Key: key, Args: args, Cause: cause}
}

// Error is the text for logs, never for people.
func (e *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s", e.Kind, e.Key)
	for i := 0; i+1 < len(e.Args); i += 2 {
		fmt.Fprintf(&b, " %v=%v", e.Args[i], e.Args[i+1])
	}
	if e.Cause != nil {
		fmt.Fprintf(&b, ": %v", e.Cause)
	}
	return b.String()
}

// Unwrap gives the cause to errors.Is.
func (e *Error) Unwrap() error { return e.Cause }

// As finds the fault in err's chain.
func As(err error) (*Error, bool) { return errors.AsType[*Error](err) }

// KindOf is the kind of the fault in err's chain, Internal if there is none.
func KindOf(err error) Kind {
	if e, ok := As(err); ok {
		return e.Kind
	}
	return Internal
}

// Is reports whether err is a fault with the message key.
func Is(err error, key string) bool {
	e, ok := As(err)
	return ok && e.Key == key
}
