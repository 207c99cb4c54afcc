package zipfile

import (
	"path"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"

	"bevis/internal/fault"
)

// MaxName is the longest name of a member, in bytes of UTF-8.
const MaxName = 240

// maxClean is the longest name CleanName makes, in bytes; it leaves room for a
// folder and a number before it.
const maxClean = 120

// forbidden are the characters Windows keeps for itself; the colon also names a
// drive or a hidden stream.
const forbidden = `<>:"|?*\`

// CheckName fails unless name can be the name of a member: a relative path with
// forward slashes that means the same file on Linux, macOS and Windows and leads
// nowhere else (T8). The fault is of kind Invalid, its key begins with zip.name_.
func CheckName(name string) error {
	bad := func(key string) error { return fault.New(fault.Invalid, key, "Name", shown(name)) }
	switch {
	case name == "":
		return fault.New(fault.Invalid, "zip.name_empty")
	case len(name) > MaxName:
		return fault.New(fault.Invalid, "zip.name_long", "Name", shown(name), "Max", MaxName)
	case !utf8.ValidString(name):
		return bad("zip.name_encoding")
	case name[0] == '/', name[0] == '\\', len(name) > 1 && name[1] == ':':
		return bad("zip.name_absolute")
	}
	for _, r := range name {
		if !plain(r) || strings.ContainsRune(forbidden, r) {
			return bad("zip.name_character")
		}
	}
	if !norm.NFC.IsNormalString(name) {
		return bad("zip.name_nfc")
	}
	for part := range strings.SplitSeq(name, "/") {
		switch {
		case part == "", part == ".", part == "..":
			return bad("zip.name_part")
		case strings.HasSuffix(part, "."), strings.HasSuffix(part, " "):
			return bad("zip.name_trailing")
		case reserved(part):
			return bad("zip.name_reserved")
		}
	}
	return nil
}

// plain says whether r shows as itself: no control, format or private-use
// character, no space but the common one, nothing that is drawn as nothing.
func plain(r rune) bool {
	return unicode.IsPrint(r) && !unicode.In(r, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector)
}

// devices are the names that mean a device on Windows, with any extension. The
// superscript digits count as digits there.
var devices = []string{"CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$", "CLOCK$"}

func reserved(part string) bool {
	base, _, _ := strings.Cut(part, ".")
	base = strings.ToUpper(strings.TrimRight(base, " "))
	if slices.Contains(devices, base) {
		return true
	}
	digit, ok := strings.CutPrefix(base, "COM")
	if !ok {
		digit, ok = strings.CutPrefix(base, "LPT")
	}
	return ok && utf8.RuneCountInString(digit) == 1 && strings.Contains("0123456789¹²³", digit) //nolint:gocritic // in this order
}

// CleanName makes one part of a member's name out of a title that a person wrote:
// readable, at most 120 bytes, the extension kept. What cannot be kept becomes "-"
// or goes; a title of which nothing is left becomes "file". Different titles may
// give the same name.
func CleanName(title string) string {
	s := norm.NFC.String(strings.ToValidUTF8(title, "-"))
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case r == '/' || strings.ContainsRune(forbidden, r):
			return '-'
		case !plain(r):
			return -1
		}
		return r
	}, s)
	s = norm.NFC.String(strings.Join(strings.Fields(s), " "))
	s = strings.TrimRight(s, ". ")
	if reserved(s) {
		s = "_" + s
	}
	s = cut(s)
	if CheckName(s) != nil {
		return "file"
	}
	return s
}

// cut shortens s to maxClean bytes at a character, before the extension if there
// is a short one.
func cut(s string) string {
	if len(s) <= maxClean {
		return s
	}
	ext := path.Ext(s)
	if len(ext) > 16 {
		ext = ""
	}
	end := maxClean - len(ext)
	for !utf8.RuneStart(s[end]) {
		end--
	}
	return strings.TrimRight(strings.TrimRight(s[:end], ". ")+ext, ". ")
}

// shown is a name as it may be printed in a message: no control characters, at
// most 100 characters.
func shown(name string) string {
	s := strconv.QuoteToGraphic(strings.ToValidUTF8(name, "\uFFFD"))
	s = strings.ReplaceAll(s[1:len(s)-1], `\"`, `"`)
	s = strings.ReplaceAll(s, `\\`, `\`)
	if r := []rune(s); len(r) > 100 {
		s = string(r[:100]) + "…"
	}
	return s
}

// names holds the names seen so far as a file system sees them that knows neither
// case nor composition, and refuses two that would meet there.
type names struct {
	fold  cases.Caser
	files map[string]string // folded to spelled
	dirs  map[string]string
	last  string // the folder of the newest name, spelled
	key   string // the same, folded
}

func newNames() *names {
	return &names{fold: cases.Fold(), files: map[string]string{}, dirs: map[string]string{}}
}

// add takes the checked name of a member; dir if it names a directory.
func (n *names) add(name string, dir bool) error {
	clash := func(other string) error {
		return fault.New(fault.Invalid, "zip.name_twice", "Name", shown(name), "Other", shown(other))
	}
	folder, base := "", name
	if i := strings.LastIndexByte(name, '/'); i >= 0 {
		folder, base = name[:i], name[i+1:]
	}
	if folder != "" && folder != n.last {
		key := ""
		for i, part := range strings.Split(folder, "/") {
			if i > 0 {
				key += "/" //nolint:modernize // every folder on the way is looked up
			}
			key += n.folded(part)
			spelled := upTo(folder, i)
			if other, ok := n.files[key]; ok {
				return clash(other)
			}
			if other, ok := n.dirs[key]; ok && other != spelled {
				return clash(other)
			}
			n.dirs[key] = spelled
		}
		n.last, n.key = folder, key
	}
	key := n.folded(base)
	if folder != "" {
		key = n.key + "/" + key
	}
	if other, ok := n.files[key]; ok {
		return clash(other)
	}
	if other, ok := n.dirs[key]; ok && (!dir || other != name) {
		return clash(other)
	}
	if dir {
		n.dirs[key] = name
		key += "/"
		if other, ok := n.files[key]; ok {
			return clash(other)
		}
	}
	n.files[key] = name
	return nil
}

// upTo is the path of the parts 0 to i of folder.
func upTo(folder string, i int) string {
	for at, c := range folder {
		if c == '/' {
			if i == 0 {
				return folder[:at]
			}
			i--
		}
	}
	return folder
}

// Fold is a member's name as a file system sees it that knows neither case nor
// composition: two members whose names fold alike cannot both be in an archive.
func Fold(name string) string {
	n := newNames()
	parts := strings.Split(name, "/")
	for i, p := range parts {
		parts[i] = n.folded(p)
	}
	return strings.Join(parts, "/")
}

// folded is a part as the most forgetful file system sees it. Upper case first
// catches letters that have no fold of their own but the same capital.
func (n *names) folded(part string) string {
	for i := range len(part) {
		if part[i] >= utf8.RuneSelf {
			return norm.NFD.String(n.fold.String(strings.ToUpper(norm.NFD.String(part))))
		}
	}
	return strings.ToLower(part)
}
