package ui

import (
	"context"
	"time"

	"bevis/internal/i18n"
)

// say is for the gallery's samples, which are not part of the product's catalogue.
func say(ctx context.Context, en, sv string) string {
	if i18n.Of(ctx) == i18n.Swedish {
		return sv
	}
	return en
}

// galleryToday is the day on which the gallery's samples live.
var galleryToday = time.Date(2026, 4, 20, 9, 0, 0, 0, time.UTC)

func galleryDay(days int) time.Time { return galleryToday.AddDate(0, 0, days) }

const galleryHash = "9f2c41b7e05a8d136b70c1fe22a49e8d0b5d7f31aa94c6628e1d3f507b9c4a26"

// GalleryShell is a shell with every slot in use.
func GalleryShell(ctx context.Context, theme Theme, path string, auditor bool) Shell {
	s := Shell{
		Title: say(ctx, "Component gallery", "Komponentgalleri"), Path: path, Theme: theme,
		Org:  "Norrsken Exempel AB",
		Demo: &galleryToday,
		Crumbs: []Link{
			{say(ctx, "SOC 2 Type 2, H1 2026", "SOC 2 typ 2, H1 2026"), "/"},
			{say(ctx, "Gallery", "Galleri"), ""},
		},
		User: User{
			Name: "Maja Lind", Email: "maja.lind@norrsken.example", Role: say(ctx, "Compliance lead", "Efterlevnadsansvarig"),
			Links: []NavLink{{Label: say(ctx, "Profile", "Profil"), Href: "/profile", Icon: "user"}},
		},
		Inbox: &Inbox{Href: "/notifications", Unread: 3},
		Foot: []NavLink{
			{Label: say(ctx, "Help", "Hjälp"), Href: "/help", Icon: "help"},
			{Label: say(ctx, "Settings", "Inställningar"), Href: "/settings", Icon: "settings"},
		},
		Print:   Print{Heading: say(ctx, "SOC 2 Type 2, H1 2026", "SOC 2 typ 2, H1 2026"), At: galleryToday, Entry: "18 422"},
		Search:  "/search",
		Suggest: "/search.json",
		Groups:  galleryNav(ctx),
	}
	if auditor {
		s.Auditor, s.AuditorFirm = true, "Ek & Alm Revision"
		s.Groups = s.Groups[len(s.Groups)-1:]
		s.User = User{Name: "Karin Wall", Email: "karin@ekalm.example", Role: say(ctx, "Auditor", "Revisor")}
	}
	return s
}

func galleryNav(ctx context.Context) []NavGroup {
	return []NavGroup{
		{Links: []NavLink{
			{say(ctx, "My work", "Mitt arbete"), "/work", "home", 7, "h"},
			{say(ctx, "Readiness", "Beredskap"), "/readiness", "gauge", 0, "r"},
		}},
		{Label: say(ctx, "Programme", "Program"), Links: []NavLink{
			{say(ctx, "Controls", "Kontroller"), "/controls", "shield", 0, "c"},
			{say(ctx, "Evidence", "Bevis"), "/evidence", "fingerprint", 0, "e"},
			{say(ctx, "Policies", "Policyer"), "/policies", "doc", 0, "p"},
			{say(ctx, "Checks", "Kontrolltester"), "/checks", "test", 2, "t"},
		}},
		{Label: say(ctx, "Operate", "Drift"), Links: []NavLink{
			{say(ctx, "Risks", "Risker"), "/risks", "risk", 0, ""},
			{say(ctx, "Vendors", "Leverantörer"), "/vendors", "building", 0, ""},
			{say(ctx, "People", "Personal"), "/people", "people", 0, ""},
			{say(ctx, "Access reviews", "Åtkomstgranskningar"), "/access", "key", 1, ""},
			{say(ctx, "Incidents", "Incidenter"), "/incidents", "flame", 0, ""},
		}},
		{Label: say(ctx, "Audit", "Revision"), Links: []NavLink{
			{say(ctx, "Engagements", "Uppdrag"), "/engagements", "calendar", 0, "a"},
			{say(ctx, "Requests", "Begäran"), "/requests", "inbox", 1234, ""},
			{say(ctx, "Package", "Paket"), "/package", "box", 0, ""},
		}},
	}
}

func galleryMonths(ctx context.Context, states ...CoverageState) []CoverageCell {
	labels := []string{say(ctx, "Jan", "Jan"), "Feb", say(ctx, "Mar", "Mars"), say(ctx, "Apr", "April"), say(ctx, "May", "Maj"), say(ctx, "Jun", "Juni")}
	cells := make([]CoverageCell, len(states))
	for i, s := range states {
		cells[i] = CoverageCell{labels[i%len(labels)], s}
	}
	return cells
}

func galleryWeeks(ctx context.Context, n int) []CoverageCell {
	cells := make([]CoverageCell, n)
	for i := range cells {
		cells[i] = CoverageCell{say(ctx, "Week", "Vecka"), CoverageDone}
		switch {
		case i > n*2/3:
			cells[i].State = CoverageNotDue
		case i%11 == 7:
			cells[i].State = CoverageLate
		case i%17 == 9:
			cells[i].State = CoverageFailed
		}
	}
	return cells
}

func galleryStack(ctx context.Context) Stack {
	return Stack{Label: say(ctx, "Criteria by status", "Kriterier per status"), Total: 55, Parts: []Part{
		{StateReady.Word(ctx), 37, ToneOK},
		{StateInProgress.Word(ctx), 7, ToneInfo},
		{StateAttention.Word(ctx), 2, ToneWarn},
		{StateFailing.Word(ctx), 2, ToneBad},
	}}
}

func galleryTrend(ctx context.Context) Trend {
	t := Trend{
		ID: "trend", Title: say(ctx, "Readiness over the window", "Beredskap under observationsperioden"),
		Ticks:  []string{"Jan", "Feb", say(ctx, "Mar", "Mars"), "Apr", say(ctx, "May", "Maj"), "Jun"},
		Actual: []float64{.22, .24, .27, .29, .34, .38, .41, .44, .47, .49, .51, .53, .55, .57, .60, .62},
	}
	for i := range 26 {
		t.Plan = append(t.Plan, .2+.8*float64(i)/25)
		t.Steps = append(t.Steps, say(ctx, "Week ", "Vecka ")+Num(ctx, i+1))
	}
	return t
}

func galleryKpis(ctx context.Context) []Kpi {
	return []Kpi{
		{Label: say(ctx, "Criteria ready", "Kriterier klara"), Value: "37", Of: "55", Href: "/controls", Stack: new(galleryStack(ctx)), Note: say(ctx, "+6 since 1 April", "+6 sedan 1 april"), NoteTone: ToneOK},
		{Label: say(ctx, "Window", "Observationsperiod"), Value: say(ctx, "Day 110 of 181", "Dag 110 av 181"), Words: true, Progress: new(.608), Note: say(ctx, "71 days left", "71 dagar kvar")},
		{Label: say(ctx, "Evidence due in 14 days", "Bevis att lämna inom 14 dagar"), Value: "9", Href: "/work", Note: say(ctx, "3 overdue", "3 försenade"), NoteTone: ToneBad},
		{Label: say(ctx, "Open deviations", "Öppna avvikelser"), Value: "2", Href: "/deviations", Note: say(ctx, "1 without a response", "1 utan svar"), NoteTone: ToneWarn},
	}
}

func galleryEvents(ctx context.Context) []Event {
	return []Event{
		{Who: "Bevis", Icon: "download", Title: say(ctx, "collected the file from AWS IAM", "hämtade filen från AWS IAM"), At: galleryDay(-17), Flags: []Lateness{CapturedLate}},
		{Who: "Bevis", Icon: "fingerprint", Title: say(ctx, "recorded the fingerprint in ledger entry 18,422", "registrerade fingeravtrycket i liggarpost 18 422"), At: galleryDay(-17)},
		{Who: "Erik Holm", Title: say(ctx, "linked it to CC6.2 and CC6.3", "kopplade det till CC6.2 och CC6.3"), At: galleryDay(-16)},
		{Who: "Maja Lind", Title: say(ctx, "reviewed and accepted it", "granskade och godkände det"), At: galleryDay(-13), Body: say(ctx, "All 42 accounts confirmed by their managers. Two removed.", "Alla 42 konton bekräftade av sina chefer. Två borttagna.")},
		{Who: "Karin Wall", Role: say(ctx, "Auditor", "Revisor"), Title: say(ctx, "asked a question", "ställde en fråga"), At: galleryDay(-6), Auditor: true, Body: say(ctx, "Two accounts were removed in March. Who approved the removal of svc-export?", "Två konton togs bort i mars. Vem godkände att svc-export togs bort?")},
	}
}

type galleryRow struct {
	id, title string
	cells     [3]Status
	cover     []CoverageCell
	items     int
	owner     string
	status    Status
}

func galleryRows(ctx context.Context) []galleryRow {
	d, p, n := CoverageDone, CoveragePartial, CoverageNotDue
	return []galleryRow{
		{"CC6.1", say(ctx, "Access to systems is restricted", "Åtkomst till system är begränsad"), [3]Status{StateReady, StateReady, StateReady}, galleryMonths(ctx, d, d, d, d, n, n), 18, "Maja Lind", StateReady},
		{"CC6.2", say(ctx, "Joiners and leavers", "Nyanställda och avslutade"), [3]Status{StateReady, StateInProgress, StateNotStarted}, galleryMonths(ctx, d, d, d, p, n, n), 10, "Erik Holm", StateInProgress},
		{"CC6.3", say(ctx, "Roles and least privilege", "Roller och minsta behörighet"), [3]Status{StateReady, StateReady, StateAttention}, galleryMonths(ctx, d, CoverageLate, d, CoverageMissing, n, n), 7, "Sara Öberg", StateAttention},
		{"CC6.6", say(ctx, "Protection at the boundary", "Skydd vid gränsen"), [3]Status{StateReady, StateFailing, StateFailing}, galleryMonths(ctx, d, CoverageFailed, d, d, n, n), 1204, "Amina Yusuf", StateFailing},
		{"CC6.7", say(ctx, "Removable media", "Flyttbara medier"), [3]Status{StateNotApplicable, StateNotApplicable, StateNotApplicable}, galleryMonths(ctx, CoverageNoneExpected, CoverageNoneExpected), 0, "Jonas Ek", StateNotApplicable},
	}
}

func galleryTable(ctx context.Context) Table {
	return Table{
		ID: "matrix", Caption: say(ctx, "Criteria", "Kriterier"), Select: true,
		Announce: say(ctx, "5 criteria", "5 kriterier"),
		Columns: []Column{
			{Label: say(ctx, "Criterion", "Kriterium"), Sort: &Sort{Href: "?sort=-id", Dir: "asc"}},
			{Label: "Policy", Kind: CellGlyph},
			{Label: say(ctx, "Design", "Utformning"), Kind: CellGlyph},
			{Label: say(ctx, "Evidence", "Bevis"), Kind: CellGlyph},
			{Label: say(ctx, "Coverage", "Täckning"), Kind: CellCover},
			{Label: say(ctx, "Items", "Antal"), Kind: CellNum, Sort: &Sort{Href: "?sort=items"}},
			{Label: say(ctx, "Owner", "Ägare"), Kind: CellOwner},
			{Label: "Status", Kind: CellStatus},
		},
		Pager: &Pager{From: 101, To: 200, Total: 1234, Prev: "?page=1", Next: "?page=3"},
	}
}

func galleryFilter(ctx context.Context) Filter {
	seg := Segments{Name: "status", Label: "Status", Options: []Segment{{Label: say(ctx, "All", "Alla"), Count: 61, Chosen: true}}}
	for i, s := range []Status{StateReady, StateInProgress, StateAttention, StateFailing} {
		seg.Options = append(seg.Options, Segment{Value: string(s), Label: s.Word(ctx), Status: s, Count: 37 - 9*i})
	}
	return Filter{
		Action: "/controls", Target: "matrix", Label: say(ctx, "Filter criteria", "Filtrera kriterier"),
		Search:   &Search{Name: "q", Hint: say(ctx, "Filter by criterion, owner or text", "Filtrera på kriterium, ägare eller text")},
		Segments: &seg,
		Selects: []FilterSelect{{Name: "category", Label: say(ctx, "Category", "Kategori"), Options: []Option{
			{Label: say(ctx, "All categories", "Alla kategorier"), Chosen: true},
			{Value: "security", Label: say(ctx, "Security", "Säkerhet")},
		}}},
		Hidden: []Hidden{{"sort", "id"}},
	}
}

func galleryHead(ctx context.Context) Head {
	return Head{
		Title: say(ctx, "Component gallery", "Komponentgalleri"), Sub: say(ctx, "Every component in every state", "Varje komponent i varje läge"),
		Eyebrow:   galleryEyebrow(),
		Primary:   &Action{Label: say(ctx, "Add evidence", "Lägg till bevis"), Icon: "plus", Href: "/evidence/new"},
		Secondary: []Action{{Label: say(ctx, "Edit", "Redigera"), Icon: "edit", Href: "/edit", Edit: true}},
	}
}

func galleryFiles() []File {
	return []File{
		{ID: "u1", Name: "access-review-aws-q1-2026.csv", Size: 8412, SHA256: galleryHash, State: FileMatch, Href: "/uploads/u1"},
		{ID: "u2", Name: "iam-export.zip", Size: 86_000_000, SHA256: galleryHash, State: FileServer},
		{Name: "notes.html", Size: 512, State: FileFailed},
	}
}

func galleryConfirm(ctx context.Context, id string) Confirm {
	return Confirm{
		ID: id, Title: say(ctx, "Seal the window H1 2026", "Försegla perioden H1 2026"),
		Text:   say(ctx, "214 items become fixed. Afterwards nothing in them changes; new versions supersede them and stay visible.", "214 underlag blir fasta. Därefter ändras ingenting i dem; nya versioner ersätter dem och förblir synliga."),
		Action: "/windows/1/seal", Button: say(ctx, "Seal 214 items", "Försegla 214 underlag"), Cancel: "/windows/1", Fields: []Hidden{{"version", "3"}},
	}
}
