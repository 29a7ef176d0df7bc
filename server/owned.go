package server

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"atelier/app"
	"atelier/jobs"
	"atelier/model/run"
)

// mayChange refuses a caller who is to change, cancel or delete what is another's: with a scope below
// admin one changes only what was made with the same token. What is called, such as "the job 3", is
// for the message.
func mayChange(ctx context.Context, what, by string) error {
	if c := CallerOf(ctx); c.Scope < Admin && c.Name != by {
		return failf(http.StatusForbidden, "%s was made by %s; the token %q changes only what it made itself, and one of scope admin all", what, quoted(by), c.Name)
	}
	return nil
}

// quoted is who made something, in words.
func quoted(by string) string {
	if by == ownerName {
		return "the owner"
	}
	return "the token " + strconv.Quote(by)
}

// mayChangeJob, mayChangeUpload and mayChangeRun refuse what is another's.
func (s *Server) mayChangeJob(ctx context.Context, id int64) error {
	j, err := s.queue.Get(ctx, id)
	if err != nil {
		return err
	}
	return mayChange(ctx, "the job "+strconv.FormatInt(id, 10), j.By)
}

func (s *Server) mayChangeUpload(ctx context.Context, id string) error {
	a, err := s.uploads.about(id)
	if err != nil {
		return err
	}
	return mayChange(ctx, "the upload "+id, a.By)
}

func (s *Server) mayChangeRun(ctx context.Context, d *run.Dir) error {
	return mayChange(ctx, "the run "+d.Name(), s.makerOf(ctx, d))
}

// makerOf is who had a run made: as the run itself says, by the job of this home that trained it, or
// else the owner.
func (s *Server) makerOf(ctx context.Context, d *run.Dir) string {
	if by := d.MadeBy(); by != "" {
		return by
	}
	instance, number, _ := strings.Cut(d.MadeFor(), "/")
	id, err := strconv.ParseInt(number, 10, 64)
	if err != nil || instance != s.config.Workshop.Instance {
		return ownerName
	}
	j, err := s.queue.Get(ctx, id)
	if err != nil {
		return ownerName
	}
	return j.By
}

// mayGoOn refuses to go on with a conversation that another began.
func (s *Server) mayGoOn(ctx context.Context, name string) error {
	in, err := s.conversations()
	if err != nil {
		return err
	}
	c, err := in.Open(name)
	if err != nil || c.Changed.IsZero() {
		return err
	}
	return mayChange(ctx, "the conversation "+name, cmp.Or(c.Owner, ownerName))
}

// mayDo refuses a job that would change what is another's: that goes on with a run or a
// conversation, or scores a run.
func (s *Server) mayDo(ctx context.Context, a app.App) error {
	if chat, ok := a.(*app.Chat); ok && chat.Conversation != "" {
		return s.mayGoOn(ctx, chat.Conversation)
	}
	field, name := "", app.Model("")
	switch a := a.(type) {
	case *app.Train:
		field, name = "resume", a.Resume
	case *app.Evaluate: // whose scores the run keeps
		field, name = "run", a.Of
	}
	if name == "" || CallerOf(ctx).Scope >= Admin {
		return nil
	}
	d, err := s.run(string(name))
	if err != nil {
		return &jobs.FieldError{Field: field, Err: err}
	}
	return s.mayChangeRun(ctx, d)
}

// rater checks the name of a rater, that of the token if it is empty. A token votes by its own name, so
// that nobody votes twice or for others; one of scope admin votes for whoever sits before its screen,
// but not for another token.
func (s *Server) rater(r *http.Request, name string) (string, error) {
	own := CallerOf(r.Context())
	if name = cmp.Or(strings.TrimSpace(name), own.Name); name == own.Name {
		return name, nil
	}
	if own.Scope < Admin {
		return "", failf(http.StatusForbidden, "the token %q votes by its own name: leave out rater; other names need a token of scope admin", own.Name)
	}
	if utf8.RuneCountInString(name) > mostRater || strings.ContainsFunc(name, func(c rune) bool { return !unicode.IsPrint(c) }) {
		return "", fieldf("rater", "want a name of at most %d printable characters", mostRater)
	}
	tokens, err := s.door.List(r.Context())
	if err != nil {
		return "", err
	}
	if name == ownerName || slices.ContainsFunc(tokens, func(t Token) bool { return t.Name == name }) {
		return "", fieldf("rater", "%s is the name of another token; want the name of a person", name)
	}
	return name, nil
}
