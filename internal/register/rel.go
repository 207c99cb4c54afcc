package register

// Rel is the type of a link. The numbers stand in the database and are never
// reused.
type Rel int16

// The relations, named from the side that owns the link.
const (
	Satisfies  Rel = 1  // control → criterion
	Supports   Rel = 2  // evidence → control
	Supersedes Rel = 3  // evidence → evidence
	Covers     Rel = 4  // window → control
	Contains   Rel = 5  // evidence, run → dataset
	Tests      Rel = 6  // check result → dataset
	Bears      Rel = 7  // check result → control
	Within     Rel = 8  // freeze, seal → window
	Freezes    Rel = 9  // freeze → dataset
	Grants     Rel = 10 // account → window
	About      Rel = 11 // erasure, export → entry
	Governs    Rel = 12 // policy → control, criterion
)

var relNames = map[Rel]string{
	Satisfies: "satisfies", Supports: "supports", Supersedes: "supersedes", Covers: "covers",
	Contains: "contains", Tests: "tests", Bears: "bears", Within: "within", Freezes: "freezes",
	Grants: "grants", About: "about", Governs: "governs",
}

// String is the relation's name in packages and JSON.
func (r Rel) String() string { return relNames[r] }
