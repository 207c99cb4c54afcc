package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"

	"golang.org/x/term"

	"bevis/internal/fault"
	"bevis/internal/i18n"
)

// t is a message in the reader's language.
func (e *env) t(key string, args ...any) string { return i18n.T(e.ctx, key, args...) }

// answer writes data as JSON, or has say write it for people.
func (e *env) answer(data any, say func()) error {
	if !e.cli.JSON {
		say()
		return nil
	}
	return e.json(e.out, data)
}

func (e *env) json(w io.Writer, data any) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	if err := enc.Encode(data); err != nil {
		return fmt.Errorf("bevis: answer: %w", err)
	}
	return nil
}

func (e *env) jsonError(kind, key, message string) {
	body := map[string]any{"error": map[string]string{"kind": kind, "key": key, "message": message}}
	if err := e.json(e.errw, body); err != nil {
		fmt.Fprintln(e.errw, message)
	}
}

func (e *env) line(format string, args ...any) { fmt.Fprintf(e.out, format+"\n", args...) }

// table writes aligned columns.
func (e *env) table(head []string, rows [][]string) {
	w := tabwriter.NewWriter(e.out, 2, 4, 2, ' ', 0)
	fmt.Fprintln(w, strings.Join(head, "\t"))
	for _, r := range rows {
		fmt.Fprintln(w, strings.Join(r, "\t"))
	}
	if err := w.Flush(); err != nil {
		fmt.Fprintln(e.errw, err)
	}
}

// password reads a password from a file, or asks for it without showing it.
func (e *env) password(file string) (string, error) {
	if file != "" {
		raw, err := os.ReadFile(e.path(file))
		if err != nil {
			return "", fault.Wrap(err, fault.Invalid, "cli.file", "File", file)
		}
		pw, _, _ := strings.Cut(string(raw), "\n")
		return strings.TrimSuffix(pw, "\r"), nil
	}
	if !e.tty {
		return "", fault.New(fault.Invalid, "cli.password_file")
	}
	fmt.Fprint(e.errw, e.t("cli.password")+" ")
	raw, err := term.ReadPassword(int(os.Stdin.Fd()))
	fmt.Fprintln(e.errw)
	if err != nil {
		return "", fault.Wrap(err, fault.Invalid, "cli.password_file")
	}
	return string(raw), nil
}

// ask asks a yes-or-no question; without a person the answer is yes, and the
// question is told as a notice.
func (e *env) ask(question string) bool {
	fmt.Fprint(e.errw, question+" ")
	if !e.tty {
		fmt.Fprintln(e.errw)
		return true
	}
	line, err := bufio.NewReader(e.in).ReadString('\n')
	if err != nil {
		return false
	}
	line = strings.ToLower(strings.TrimSpace(line))
	return line == "y" || line == "yes" || line == "j" || line == "ja"
}
