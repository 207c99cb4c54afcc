package scope

// Answers are what the organisation says of its situation. Each is "yes", "no" or
// "" while nobody has answered.
type Answers struct {
	Soon      string `json:"soon"`      // a customer waits and wants a report within four months
	Period    string `json:"period"`    // customers ask for Type 2, or for a report on a period
	Running   string `json:"running"`   // controls have left records for three months or more
	Financial string `json:"financial"` // customers' financial reporting depends on the service
	Public    string `json:"public"`    // a report is wanted that anybody may read
	ISO       string `json:"iso"`       // customers ask for ISO 27001
}

// Advice is a suggestion with what it rests on. Because and Besides are ends of
// message keys: start.because.X and start.besides.X.
type Advice struct {
	Report  Report   `json:"report"` // "" while too little is answered
	Because string   `json:"because"`
	Besides []string `json:"besides"` // other reports that the answers point to
}

// Advise suggests a report. It is a suggestion: the organisation decides.
func Advise(a Answers) Advice {
	out := Advice{Besides: []string{}}
	soon, period, running := a.Soon == yes, a.Period == yes, a.Running == yes
	switch {
	case a.Soon == "" || a.Period == "" || a.Running == "":
	case soon && !period:
		out.Report, out.Because = Type1, "soon"
	case soon:
		out.Report, out.Because = Type1Then2, "soon_period"
	case running:
		out.Report, out.Because = Type2, "running"
	case period:
		out.Report, out.Because = Type2, "period"
	default:
		out.Report, out.Because = Type1Then2, "fresh"
	}
	for _, b := range []struct{ answer, besides string }{{a.Financial, "soc1"}, {a.Public, "soc3"}, {a.ISO, "iso"}} {
		if b.answer == yes {
			out.Besides = append(out.Besides, b.besides)
		}
	}
	return out
}

const yes = "yes"
