package ui

import (
	"context"
	"slices"
	"strings"

	"bevis/internal/i18n"
)

// Tone is what a colour means. There is no other use of colour but the one primary action.
type Tone string

// The tones.
const (
	ToneMute Tone = "mute"
	ToneInfo Tone = "info"
	ToneOK   Tone = "ok"
	ToneWarn Tone = "warn"
	ToneBad  Tone = "bad"
)

func (t Tone) class() string {
	switch t {
	case ToneInfo, ToneOK, ToneWarn, ToneBad:
		return "tone-" + string(t)
	}
	return "tone-mute"
}

// Status is a family and one of its states, "evidence.returned". A page builds it from
// the domain's own word: ui.Status("evidence." + string(e.Status)). The words are those
// of product.md; each status has a glyph of its own shape, so that none is told by
// colour alone (WCAG 1.4.1): circles for criteria and controls, squares for evidence,
// hexagons for check runs, diamonds for occurrences.
type Status string

// The statuses pages name directly.
const (
	StateNotStarted    Status = "state.not_started"
	StateInProgress    Status = "state.in_progress"
	StateReady         Status = "state.ready"
	StateAttention     Status = "state.attention"
	StateFailing       Status = "state.failing"
	StateNotApplicable Status = "state.not_applicable"

	EvidenceNeeded     Status = "evidence.needed"
	EvidenceCollected  Status = "evidence.collected"
	EvidenceAccepted   Status = "evidence.accepted"
	EvidenceReturned   Status = "evidence.returned"
	EvidenceExpiring   Status = "evidence.expiring"
	EvidenceExpired    Status = "evidence.expired"
	EvidenceSuperseded Status = "evidence.superseded"

	CheckPass            Status = "check.pass"
	CheckFail            Status = "check.fail"
	CheckError           Status = "check.error"
	CheckStale           Status = "check.stale"
	CheckNoOccurrence    Status = "check.no_occurrence"
	CheckNotApplicable   Status = "check.not_applicable"
	CheckExcluded        Status = "check.excluded"
	CheckNotDeterminable Status = "check.not_determinable"

	WindowPlanned Status = "window.planned"
	WindowOpen    Status = "window.open"
	WindowClosed  Status = "window.closed"
	WindowSealed  Status = "window.sealed"

	OccurrenceOnTime  Status = "occurrence.on_time"
	OccurrenceLate    Status = "occurrence.late"
	OccurrenceMissed  Status = "occurrence.missed"
	OccurrenceOverdue Status = "occurrence.overdue"
	OccurrenceDue     Status = "occurrence.due"
	OccurrenceNotDue  Status = "occurrence.not_due"

	ControlDraft   Status = "control.draft"
	ControlInForce Status = "control.in_force"
	ControlRetired Status = "control.retired"

	DatasetComplete   Status = "dataset.complete"
	DatasetIncomplete Status = "dataset.incomplete"

	RunComplete   Status = "run.complete"
	RunIncomplete Status = "run.incomplete"
	RunEmpty      Status = "run.empty"
	RunFailed     Status = "run.failed"
)

type look struct {
	glyph string // symbol of the sprite without its prefix g-
	tone  Tone
}

var looks = map[Status]look{
	StateNotStarted:    {"dash", ToneMute},
	StateInProgress:    {"half", ToneInfo},
	StateReady:         {"check", ToneOK},
	StateAttention:     {"warn", ToneWarn},
	StateFailing:       {"cross", ToneBad},
	StateNotApplicable: {"bar", ToneMute},

	EvidenceNeeded:     {"sq-dash", ToneMute},
	EvidenceCollected:  {"sq-in", ToneInfo},
	EvidenceAccepted:   {"sq-check", ToneOK},
	EvidenceReturned:   {"sq-return", ToneWarn},
	EvidenceExpiring:   {"sq-clock", ToneWarn},
	EvidenceExpired:    {"oct-clock", ToneBad},
	EvidenceSuperseded: {"sq-next", ToneMute},

	CheckPass:            {"hex-check", ToneOK},
	CheckFail:            {"hex-cross", ToneBad},
	CheckError:           {"bolt", ToneWarn},
	CheckStale:           {"hex-clock", ToneWarn},
	CheckNoOccurrence:    {"hex-dot", ToneMute},
	CheckNotApplicable:   {"bar", ToneMute},
	CheckExcluded:        {"hex-slash", ToneMute},
	CheckNotDeterminable: {"hex-ask", ToneWarn},

	WindowPlanned: {"cal", ToneMute},
	WindowOpen:    {"dot", ToneInfo},
	WindowClosed:  {"stop", ToneMute},
	WindowSealed:  {"seal", ToneOK},

	OccurrenceOnTime:  {"dia-check", ToneOK},
	OccurrenceLate:    {"dia-bang", ToneWarn},
	OccurrenceMissed:  {"dia-cross", ToneBad},
	OccurrenceOverdue: {"dia-clock", ToneBad},
	OccurrenceDue:     {"dia-dot", ToneInfo},
	OccurrenceNotDue:  {"dia-dash", ToneMute},

	// In force is not green: it says that a control binds, not that it operated.
	ControlDraft:   {"pen", ToneMute},
	ControlInForce: {"dot", ToneInfo},
	ControlRetired: {"bar", ToneMute},

	DatasetComplete:   {"check", ToneOK},
	DatasetIncomplete: {"half", ToneWarn},

	// An empty run is told apart from a complete one: nothing came, and that may be right.
	RunComplete:   {"check", ToneOK},
	RunIncomplete: {"half", ToneWarn},
	RunEmpty:      {"dash", ToneMute},
	RunFailed:     {"cross", ToneBad},

	"request.open":              {"dot", ToneWarn},
	"request.submitted":         {"up", ToneInfo},
	"request.accepted":          {"sq-check", ToneOK},
	"request.changes_requested": {"sq-return", ToneBad},
	"request.not_applicable":    {"bar", ToneMute},

	"engagement.planned":     {"cal", ToneMute},
	"engagement.window_open": {"dot", ToneInfo},
	"engagement.fieldwork":   {"eye", ToneInfo},
	"engagement.reporting":   {"pen", ToneInfo},
	"engagement.issued":      {"check", ToneOK},

	"policy.draft":      {"pen", ToneMute},
	"policy.in_review":  {"eye", ToneInfo},
	"policy.approved":   {"half", ToneInfo},
	"policy.published":  {"check", ToneOK},
	"policy.review_due": {"sq-clock", ToneWarn},
	"policy.retired":    {"bar", ToneMute},

	"deviation.open":      {"cross", ToneBad},
	"deviation.responded": {"half", ToneInfo},
	"deviation.corrected": {"check", ToneOK},
	"deviation.accepted":  {"bar", ToneMute},

	"task.open":      {"dash", ToneInfo},
	"task.done":      {"check", ToneOK},
	"task.overdue":   {"warn", ToneBad},
	"task.cancelled": {"bar", ToneMute},

	"job.queued":  {"dash", ToneMute},
	"job.running": {"spin", ToneInfo},
	"job.done":    {"check", ToneOK},
	"job.failed":  {"cross", ToneBad},
}

// Statuses lists every known status in order.
func Statuses() []Status {
	all := make([]Status, 0, len(looks))
	for s := range looks {
		all = append(all, s)
	}
	slices.Sort(all)
	return all
}

// look of a status nobody has drawn is a muted question mark, never a tick.
func (s Status) look() look {
	if l, ok := looks[s]; ok {
		return l
	}
	return look{"ask", ToneMute}
}

// Tone is the status's tone, ToneMute for an unknown one.
func (s Status) Tone() Tone { return s.look().tone }

// Word is the status in the reader's language. An unknown status shows as it is
// written, so that it is noticed.
func (s Status) Word(ctx context.Context) string {
	if _, ok := looks[s]; !ok {
		_, state, found := strings.Cut(string(s), ".")
		if !found {
			return string(s)
		}
		return state
	}
	return i18n.T(ctx, "ui.status."+string(s))
}

// Lateness is one of the four flags of evidence that product.md keeps apart and never
// merges; an item may carry several.
type Lateness string

// The four flags.
const (
	PerformedLate        Lateness = "performed_late"
	CapturedLate         Lateness = "captured_late"
	RetrievedInFieldwork Lateness = "retrieved_in_fieldwork"
	CreatedAfterPeriod   Lateness = "created_after_period"
)

// Latenesses lists the four flags in the order in which they are shown.
func Latenesses() []Lateness {
	return []Lateness{PerformedLate, CapturedLate, RetrievedInFieldwork, CreatedAfterPeriod}
}

func (l Lateness) tone() Tone {
	switch l {
	case RetrievedInFieldwork:
		return ToneInfo
	case CreatedAfterPeriod:
		return ToneBad
	}
	return ToneWarn
}

func (l Lateness) icon() string {
	switch l {
	case CapturedLate:
		return "inbox"
	case RetrievedInFieldwork:
		return "scale"
	case CreatedAfterPeriod:
		return "calendar"
	}
	return "clock"
}
