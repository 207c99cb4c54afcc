package ui

import "github.com/a-h/templ"

// Action is a button or a link that looks like one. Its words begin with a verb.
type Action struct {
	Label string
	Icon  string // symbol of the sprite; none if empty
	Href  string // a link, or the fallback page of Dialog
	// Post makes it a form with one button that posts to this path.
	Post string
	// Name and Value go with the post, or with the form the button stands in.
	Name, Value string
	// FormAction makes it a submit button of the surrounding form that posts elsewhere.
	FormAction string
	// Submit makes it a plain submit button of the surrounding form.
	Submit bool
	// Dialog is the id of a Dialog on the page; without script Href is followed.
	Dialog   string
	Download string // suggested file name of a link
	Edit     bool   // reached with the shortcut e
	Danger   bool
	Disabled bool
	primary  bool
}

// Link is words that lead somewhere.
type Link struct {
	Label, Href string
}

func (a Action) class() string {
	switch {
	case a.primary:
		return "btn btn-primary"
	case a.Danger:
		return "btn btn-danger"
	}
	return "btn"
}

func asPrimary(a Action) Action {
	a.primary = true
	return a
}

// linkAttrs and buttonAttrs keep optional attributes out of the markup.
func (a Action) linkAttrs() templ.Attributes {
	at := templ.Attributes{}
	if a.Dialog != "" {
		at["data-dialog"] = a.Dialog
		at["aria-haspopup"] = "dialog"
	}
	if a.Download != "" {
		at["download"] = a.Download
	}
	if a.Edit {
		at["data-edit"] = true
	}
	return at
}

func (a Action) buttonAttrs() templ.Attributes {
	at := templ.Attributes{"type": "submit"}
	if a.Name != "" {
		at["name"], at["value"] = a.Name, a.Value
	}
	if a.FormAction != "" {
		at["formaction"] = string(templ.URL(a.FormAction))
	}
	if a.Disabled {
		at["disabled"] = true
	}
	return at
}
