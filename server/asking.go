package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"time"

	"atelier/internal/badinput"
	"atelier/internal/conversation"
	"atelier/jobs"
)

// askTime is how long a studio has to answer.
const askTime = 10 * time.Second

// ask sends a request to a studio, as the owner of its home.
func (s Holder) ask(ctx context.Context, home, method, path string) (*http.Response, error) {
	owner, err := OwnerToken(home)
	if err != nil {
		return nil, err
	}
	client, host := &http.Client{Timeout: askTime}, "http://"+s.Listen
	if strings.HasPrefix(s.Listen, "/") {
		host = "http://localhost"
		client.Transport = &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "unix", s.Listen)
		}}
	} else if strings.HasPrefix(s.URL, "https://") {
		host = s.URL
	}
	r, err := http.NewRequestWithContext(ctx, method, host+base+path, nil)
	if err != nil {
		return nil, err
	}
	r.Header.Set("Authorization", "Bearer "+owner)
	answer, err := client.Do(r)
	if err != nil {
		return nil, badinput.Errorf("it does not answer: %w", err)
	}
	return answer, nil
}

// AskCode asks the studio of a home for a one-time code, as its owner; at is what a browser
// opens.
func AskCode(ctx context.Context, home string) (code, at string, err error) {
	s, err := HolderOf(home)
	if err != nil {
		return "", "", err
	}
	answer, err := s.ask(ctx, home, http.MethodPost, "/codes")
	if err != nil {
		return "", "", err
	}
	defer answer.Body.Close()
	var made NewCode
	if err := json.NewDecoder(io.LimitReader(answer.Body, mostBody)).Decode(&made); err != nil || made.Code == "" {
		return "", "", fmt.Errorf("it answers %s", answer.Status)
	}
	return made.Code, s.URL, nil
}

// RemoveConversation removes a conversation for good, with the jobs of its messages and their answers, in
// a home whose studio runs or does not.
func RemoveConversation(ctx context.Context, home string, in conversation.Folder, name string) (err error) {
	if !exists(filepath.Join(home, LedgerFile)) {
		return in.Delete(name)
	}
	hold, held := HoldHome(home)
	if held != nil {
		s, err := HolderOf(home)
		if err != nil {
			return held
		}
		return s.removeConversation(ctx, home, name)
	}
	defer func() { err = errors.Join(err, hold.Release()) }()
	l, err := OpenLedger(ctx, home)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	q, err := jobs.OpenQueue(l, home)
	if err != nil {
		return advised(err)
	}
	return q.RemoveConversation(ctx, name, func() error { return in.Delete(name) })
}

// removeConversation has a studio remove one.
func (s Holder) removeConversation(ctx context.Context, home, name string) error {
	answer, err := s.ask(ctx, home, http.MethodDelete, "/conversations/"+url.PathEscape(name))
	if err != nil {
		return fmt.Errorf("the studio at %s has the jobs of %q: %w", s.Listen, name, err)
	}
	defer answer.Body.Close()
	var p Problem
	switch err := json.NewDecoder(io.LimitReader(answer.Body, mostBody)).Decode(&p); {
	case answer.StatusCode == http.StatusNoContent:
		return nil
	case err != nil || p.Detail == "":
		return fmt.Errorf("the studio at %s answers %s", s.Listen, answer.Status)
	case answer.StatusCode < http.StatusInternalServerError:
		return badinput.Errorf("%s", p.Detail)
	}
	return errors.New(p.Detail)
}
