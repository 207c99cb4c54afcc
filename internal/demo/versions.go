package demo

import "bevis/internal/framework"

// The two changes of a control that the sample company makes while a window runs:
// one in the sealed year, one in the open one. Both only ask for more, so that no
// occurrence counts otherwise than before.

func (m *maker) tightenLogins() error {
	return m.tighten("AC-03", framework.Text{
		EN: "Administrators confirm their sign-ins with a hardware key.",
		SV: "Administratörer bekräftar sina inloggningar med en hårdvarunyckel.",
	}, "After the phishing exercise in May: a code from a telephone can be coaxed out of an administrator, a hardware key cannot.")
}

func (m *maker) tightenScans() error {
	return m.tighten("OP-03", framework.Text{
		EN: "A difference on a system that can be reached from the internet is corrected within two days.",
		SV: "En skillnad på ett system som kan nås från internet rättas inom två dagar.",
	}, "The risk workshop in February set a limit of two days for systems that face the internet; the control had none.")
}

// tighten adds a sentence to what a control says, as the compliance lead.
func (m *maker) tighten(code string, more framework.Text, reason string) error {
	e, err := m.a.Controls.ByCode(m.as(maja), code)
	if err != nil {
		return err
	}
	e.Value.Statement.EN += " " + more.EN
	e.Value.Statement.SV += " " + more.SV
	_, err = m.a.Controls.Change(m.as(maja), e, reason)
	return err
}
