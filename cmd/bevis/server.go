package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"time"

	"bevis/internal/app"
	"bevis/internal/authz"
	"bevis/internal/fault"
	"bevis/internal/i18n"
)

// The command line reaches a running server through DIR/bevis.sock: the verb runs
// there, with this process's words, folder and terminal's answers. Who can open
// the socket has access to the directory, and that access is the authority.

// socketName is the socket's name in the data directory.
const socketName = "bevis.sock"

// remoteCall is one verb sent to the server.
type remoteCall struct {
	Args     []string `json:"args"`
	Cwd      string   `json:"cwd"`
	Lang     string   `json:"lang"`
	User     string   `json:"user"`
	Password string   `json:"password,omitempty"`
}

// remoteLine is a piece of its answer.
type remoteLine struct {
	Out  []byte `json:"out,omitempty"`
	Err  []byte `json:"err,omitempty"`
	Exit *int   `json:"exit,omitempty"`
}

// dialServer connects to the server that holds a directory; nil if there is none.
func dialServer(ctx context.Context, dir string) net.Conn {
	d := net.Dialer{Timeout: time.Second}
	conn, err := d.DialContext(ctx, "unix", filepath.Join(dir, socketName))
	if err != nil {
		return nil
	}
	return conn
}

// forward has the server run the verb and copies its answer.
func forward(e *env, conn net.Conn, args []string) error {
	defer func() { _ = conn.Close() }()
	call := remoteCall{Args: args, Cwd: e.cwd, Lang: string(e.lang()), User: operator().ID}
	if e.cli.As != "" {
		pw, err := e.password(e.cli.AsFile)
		if err != nil {
			return err
		}
		call.Password = pw
	}
	stop := context.AfterFunc(e.ctx, func() { _ = conn.Close() })
	defer stop()
	body, err := json.Marshal(call) //nolint:gosec // the password goes to the server's socket, which is its purpose
	if err != nil {
		return fmt.Errorf("bevis: call: %w", err)
	}
	req, err := http.NewRequestWithContext(e.ctx, http.MethodPost, "http://bevis/verb", bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("bevis: call: %w", err)
	}
	if err := req.Write(conn); err != nil {
		return fault.Wrap(err, fault.Unavailable, "cli.server")
	}
	res, err := http.ReadResponse(bufio.NewReader(conn), req)
	if err != nil {
		return fault.Wrap(err, fault.Unavailable, "cli.server")
	}
	defer func() { _ = res.Body.Close() }()
	dec := json.NewDecoder(res.Body)
	for {
		var l remoteLine
		if err := dec.Decode(&l); err != nil {
			return fault.Wrap(err, fault.Unavailable, "cli.server")
		}
		if _, err := e.out.Write(l.Out); err != nil {
			return fmt.Errorf("bevis: answer: %w", err)
		}
		if _, err := e.errw.Write(l.Err); err != nil {
			return fmt.Errorf("bevis: answer: %w", err)
		}
		if l.Exit != nil {
			if *l.Exit == 0 {
				return nil
			}
			return answer(*l.Exit)
		}
	}
}

// socketHandler runs verbs that arrive through the socket.
func socketHandler(a *app.App) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /verb", func(w http.ResponseWriter, r *http.Request) {
		var call remoteCall
		if err := json.NewDecoder(io.LimitReader(r.Body, 1<<20)).Decode(&call); err != nil {
			http.Error(w, "bad call", http.StatusBadRequest)
			return
		}
		send := &sender{enc: json.NewEncoder(w), w: w}
		code := serveCall(r.Context(), a, call, send)
		send.line(remoteLine{Exit: &code})
	})
	return mux
}

func serveCall(ctx context.Context, a *app.App, call remoteCall, send *sender) int {
	out, errw := stream{send, false}, stream{send, true}
	c, target, code := parse(call.Args, out, errw)
	if c == nil {
		return code
	}
	e := &env{ctx: i18n.With(ctx, i18n.Parse(call.Lang)), cli: c, out: out, errw: errw, in: bytes.NewReader(nil), cwd: call.Cwd}
	v, ok := target.(workspaceVerb)
	if !ok {
		return e.finish(fault.New(fault.Invalid, "cli.server"))
	}
	who := authz.Operator(osUserOf(call.User))
	if c.As != "" {
		var err error
		if who, err = signedIn(e, a, call.Password); err != nil {
			return e.finish(err)
		}
	}
	e.ctx = authz.With(e.ctx, who)
	return e.finish(v.work(e, a))
}

func osUserOf(id string) string {
	const prefix = "operator:"
	if len(id) > len(prefix) && id[:len(prefix)] == prefix {
		return id[len(prefix):]
	}
	return "unknown"
}

// sender writes lines of an answer as they come.
type sender struct {
	enc *json.Encoder
	w   http.ResponseWriter
}

func (s *sender) line(l remoteLine) {
	if err := s.enc.Encode(l); err != nil {
		return // the caller has gone
	}
	if f, ok := s.w.(http.Flusher); ok {
		f.Flush()
	}
}

type stream struct {
	s   *sender
	err bool
}

func (s stream) Write(p []byte) (int, error) {
	if s.err {
		s.s.line(remoteLine{Err: p})
	} else {
		s.s.line(remoteLine{Out: p})
	}
	return len(p), nil
}

// isClosed reports the ordinary end of a server.
func isClosed(err error) bool { return err == nil || errors.Is(err, http.ErrServerClosed) }
