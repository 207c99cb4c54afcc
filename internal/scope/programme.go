package scope

import (
	"slices"
	"strings"

	"bevis/internal/fault"
	"bevis/internal/framework"
	"bevis/internal/register"
)

// Report is which examination the organisation works towards (S1).
type Report string

// The reports that the programme plans for. Type 1 speaks of one day, Type 2 of a
// period; both means Type 1 first and Type 2 within a year of it.
const (
	Type1      Report = "soc2_type1"
	Type2      Report = "soc2_type2"
	Type1Then2 Report = "soc2_type1_then_2"
)

// Reports lists them.
var Reports = []Report{Type1, Type2, Type1Then2}

// HasType1 reports whether a day is needed.
func (r Report) HasType1() bool { return r == Type1 || r == Type1Then2 }

// HasType2 reports whether a period is needed.
func (r Report) HasType2() bool { return r == Type2 || r == Type1Then2 }

// Programme is what the organisation has decided about its examination so far:
// the state of the guided start, which may be left and taken up again.
type Programme struct {
	Report     Report           `json:"report"`     // "" while undecided
	Reason     string           `json:"reason"`     // why this report, in the organisation's words
	Answers    Answers          `json:"answers"`    // to the questions of the first step
	Categories []CategoryChoice `json:"categories"` // [] while undecided; Security is always in
	AsOf       Day              `json:"as_of"`      // Type 1, "" while undecided
	From       Day              `json:"from"`       // Type 2, first day
	Last       Day              `json:"last"`       // Type 2, last day, included
	Zone       string           `json:"zone"`       // in which the days are counted
	Controls   ControlPlan      `json:"controls"`
	// Windows are the codes of the windows that were opened from this plan.
	Windows []string `json:"windows"`
}

// CategoryChoice is a category in scope and why.
type CategoryChoice struct {
	Category framework.Category `json:"category"`
	Reason   string             `json:"reason"`
}

// ControlPlan is what is decided of the proposed controls.
type ControlPlan struct {
	Seen    bool          `json:"seen"`     // the proposal was looked through and saved
	LeftOut []string      `json:"left_out"` // proposed codes not to be adopted, sorted
	Values  []ParamValue  `json:"values"`   // parameters that differ from the library's defaults
	Owners  []OwnerChoice `json:"owners"`   // by control category
	Owned   bool          `json:"owned"`    // owners were looked through and saved
}

// ParamValue is the value of one parameter of one library control.
type ParamValue struct {
	Code  string `json:"code"`
	Name  string `json:"name"`
	Value string `json:"value"`
}

// OwnerChoice is who owns the controls of a control category at first.
type OwnerChoice struct {
	Category string `json:"category"`
	Owner    string `json:"owner"` // account id
}

// longestReason bounds what a person writes as a reason, in bytes.
const longestReason = 2000

// Programmes is the register with the one entry of the guided start.
var Programmes = register.Define("programme", register.Rules[Programme]{
	Prefix: "prg", Check: checkProgramme,
	Index: func(v *Programme) register.Index {
		status := "draft"
		if len(v.Windows) > 0 {
			status = "started"
		}
		return register.Index{Code: "programme", Title: string(v.Report), Status: status}
	},
})

func checkProgramme(tx *register.Tx, old, v *Programme) error {
	if old == nil {
		taken, err := register.Taken(tx, "programme", "programme")
		if err != nil {
			return err
		}
		if taken {
			return fault.New(fault.Conflict, "scope.programme_exists")
		}
	}
	if v.Report != "" && !slices.Contains(Reports, v.Report) {
		return fault.New(fault.Invalid, "scope.report", "Report", string(v.Report))
	}
	if len(v.Reason) > longestReason {
		return fault.New(fault.Invalid, "scope.reason_long", "Longest", longestReason)
	}
	if err := v.checkCategories(); err != nil {
		return err
	}
	o, err := Current(tx)
	if err != nil {
		return err
	}
	if v.Zone != o.Value.Zone {
		return fault.New(fault.Locked, "scope.zone_fixed")
	}
	return v.checkDates()
}

func (v *Programme) checkCategories() error {
	for i, c := range v.Categories {
		if !slices.Contains(framework.AllCategories(), c.Category) || slices.ContainsFunc(v.Categories[:i], func(x CategoryChoice) bool { return x.Category == c.Category }) {
			return fault.New(fault.Invalid, "framework.category_unknown", "Name", string(c.Category), "Known", strings.ReplaceAll(framework.AllCategories().String(), ",", ", "))
		}
		if len(c.Reason) > longestReason {
			return fault.New(fault.Invalid, "scope.reason_long", "Longest", longestReason)
		}
	}
	return nil
}

func (v *Programme) checkDates() error {
	for _, d := range []Day{v.AsOf, v.From, v.Last} {
		if d == "" {
			continue
		}
		if _, err := ParseDay(string(d)); err != nil {
			return err
		}
	}
	switch {
	case (v.From == "") != (v.Last == ""):
		return fault.New(fault.Invalid, "scope.both_days")
	case v.Last < v.From:
		return fault.New(fault.Invalid, "scope.order", "From", string(v.From), "To", string(v.Last))
	case v.Report == Type1Then2 && v.AsOf != "" && v.From != "" && (v.From < v.AsOf || v.Last.Sub(v.AsOf) > 366):
		return fault.New(fault.Invalid, "scope.type1_then_2", "AsOf", string(v.AsOf), "From", string(v.From), "Last", string(v.Last))
	}
	return nil
}

// Chosen are the categories in scope, Security first.
func (v *Programme) Chosen() framework.Categories {
	out := framework.Categories{framework.Security}
	for _, c := range framework.AllCategories()[1:] {
		if slices.ContainsFunc(v.Categories, func(x CategoryChoice) bool { return x.Category == c }) {
			out = append(out, c)
		}
	}
	return out
}

// Dated reports whether the days that the report needs are decided.
func (v *Programme) Dated() bool {
	return v.Report != "" && (!v.Report.HasType1() || v.AsOf != "") && (!v.Report.HasType2() || v.From != "")
}

// Owner is who owns the controls of a control category at first, "" for nobody.
func (p *ControlPlan) Owner(category string) string {
	for _, o := range p.Owners {
		if o.Category == category {
			return o.Owner
		}
	}
	return ""
}

// ValuesOf are the parameters of one control that differ from the defaults.
func (p *ControlPlan) ValuesOf(code string) map[string]string {
	out := map[string]string{}
	for _, v := range p.Values {
		if v.Code == code {
			out[v.Name] = v.Value
		}
	}
	return out
}
