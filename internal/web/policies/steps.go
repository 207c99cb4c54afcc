package policies

import (
	"net/http"
	"strconv"
	"strings"

	"bevis/internal/fault"
	"bevis/internal/policy"
	"bevis/internal/scope"
	"bevis/internal/web"
)

// versionOf is the version that the person read before they pressed the button; a
// form without one is not ours.
func versionOf(r *http.Request) (int64, error) {
	n, err := strconv.ParseInt(r.PostFormValue("version"), 10, 64)
	if err != nil || n < 1 {
		return 0, fault.New(fault.Invalid, "policiespage.form")
	}
	return n, nil
}

// step takes a policy one step on, and shows a refusal that the person can mend
// where they tried it.
func (p Pages) step(w http.ResponseWriter, r *http.Request, name, field string, do func(code string, version int64) (policy.Entry, error)) error {
	version, err := versionOf(r)
	if err != nil {
		return err
	}
	code := r.PathValue("code")
	if _, err := do(code, version); err != nil {
		if fault.KindOf(err) != fault.Invalid || name == "" {
			return err
		}
		return p.shown(w, r, http.StatusUnprocessableEntity, refusal{name, field, err, r.PostForm})
	}
	return web.SeeOther(w, r, path(code))
}

// send handles POST /policies/{code}/send.
func (p Pages) send(w http.ResponseWriter, r *http.Request) error {
	return p.step(w, r, "", "", func(code string, version int64) (policy.Entry, error) {
		return p.Policies.Send(r.Context(), code, version, "")
	})
}

// approve handles POST /policies/{code}/approve.
func (p Pages) approve(w http.ResponseWriter, r *http.Request) error {
	return p.step(w, r, "decide", "decide-note", func(code string, version int64) (policy.Entry, error) {
		return p.Policies.Approve(r.Context(), code, version, r.PostFormValue("note"))
	})
}

// sendBack handles POST /policies/{code}/return.
func (p Pages) sendBack(w http.ResponseWriter, r *http.Request) error {
	return p.step(w, r, "decide", "decide-note", func(code string, version int64) (policy.Entry, error) {
		return p.Policies.Return(r.Context(), code, version, r.PostFormValue("note"))
	})
}

// publish handles POST /policies/{code}/publish.
func (p Pages) publish(w http.ResponseWriter, r *http.Request) error {
	return p.step(w, r, "publish", "publish-from", func(code string, version int64) (policy.Entry, error) {
		day, err := scope.ParseDay(strings.TrimSpace(r.PostFormValue("from")))
		if err != nil {
			return policy.Entry{}, err
		}
		return p.Policies.Publish(r.Context(), code, version, day, "")
	})
}

// retire handles POST /policies/{code}/retire.
func (p Pages) retire(w http.ResponseWriter, r *http.Request) error {
	field := "retire-to"
	if strings.TrimSpace(r.PostFormValue("reason")) == "" {
		field = "retire-reason"
	}
	return p.step(w, r, "retire", field, func(code string, version int64) (policy.Entry, error) {
		return p.Policies.Retire(r.Context(), code, version, scope.Day(strings.TrimSpace(r.PostFormValue("to"))), r.PostFormValue("reason"))
	})
}
