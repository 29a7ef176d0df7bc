package server

import (
	"net/http"
	"time"
)

var accountRoutes = []route{
	{method: "POST", path: "/session", scope: Anyone, summary: "Trade a one-time code, which atelier studio prints, for a session: a cookie", do: (*Server).beginSession, takes: CodeTrade{}, gives: Caller{}, status: http.StatusCreated},
	{method: "GET", path: "/session", scope: Read, summary: "See who is calling, and what it may do", do: (*Server).getSession, gives: Caller{}},
	{method: "DELETE", path: "/session", scope: Read, summary: "End the session", do: (*Server).endSession, status: http.StatusNoContent,
		query: map[string]string{"all": "true to end every session, which the owner may"}},
	{method: "POST", path: "/codes", scope: Admin, summary: "Make a one-time code for a browser", do: (*Server).postCode, gives: NewCode{}, status: http.StatusCreated},
	{method: "GET", path: "/tokens", scope: Admin, summary: "List the tokens", do: (*Server).listTokens, gives: []Token{}},
	{method: "POST", path: "/tokens", scope: Admin, summary: "Make a token; its secret is shown once", do: (*Server).postToken, takes: TokenRequest{}, gives: NewToken{}, status: http.StatusCreated},
	{method: "DELETE", path: "/tokens/{name}", scope: Admin, summary: "Revoke a token", do: (*Server).deleteToken, status: http.StatusNoContent},
}

// A CodeTrade brings a one-time code.
type CodeTrade struct {
	Code string `json:"code"`
}

// A NewCode is a one-time code.
type NewCode struct {
	Code string `json:"code"`
	// Seconds is how long it is good for.
	Seconds int `json:"seconds"`
}

// A TokenRequest asks for a token.
type TokenRequest struct {
	Name  string `json:"name"`
	Scope Scope  `json:"scope"`
	// Days is how long it is good for, 0 for ever.
	Days int `json:"days,omitempty"`
}

// A NewToken is a token with its secret.
type NewToken struct {
	Name   string `json:"name"`
	Scope  Scope  `json:"scope"`
	Secret string `json:"secret"`
}

// mostDays is how long a token is good for at most.
const mostDays = 3650

func (s *Server) beginSession(w http.ResponseWriter, r *http.Request) error {
	var t CodeTrade
	if err := decode(w, r, &t); err != nil {
		return err
	}
	session, ok, err := s.door.trade(t.Code)
	if err != nil {
		return err
	}
	if !ok {
		return failf(http.StatusForbidden, "the code is not known, or it was used or has expired; atelier studio link makes another one")
	}
	http.SetCookie(w, &http.Cookie{Name: s.cookieName(), Value: session, Path: "/", MaxAge: int(sessionTime / time.Second),
		HttpOnly: true, SameSite: http.SameSiteStrictMode, Secure: s.config.Secure})
	return answer(w, http.StatusCreated, Caller{Name: ownerName, Scope: Admin, Session: true})
}

func (s *Server) getSession(w http.ResponseWriter, r *http.Request) error {
	return answer(w, http.StatusOK, CallerOf(r.Context()))
}

func (s *Server) endSession(w http.ResponseWriter, r *http.Request) error {
	all, err := truth(r, "all")
	if err != nil {
		return err
	}
	c := CallerOf(r.Context())
	switch {
	case all && c.Scope < Admin:
		return failf(http.StatusForbidden, "only the owner ends every session")
	case !all && !c.Session:
		return failf(http.StatusConflict, "this is a token, and no session; revoke it with DELETE %s/tokens/%s", base, c.Name)
	case all:
		c.key = ""
	}
	if err := s.door.leave(c.key); err != nil {
		return err
	}
	http.SetCookie(w, &http.Cookie{Name: s.cookieName(), Path: "/", MaxAge: -1, HttpOnly: true, SameSite: http.SameSiteStrictMode, Secure: s.config.Secure})
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func (s *Server) postCode(w http.ResponseWriter, _ *http.Request) error {
	return answer(w, http.StatusCreated, NewCode{s.door.code(), int(codeTime / time.Second)})
}

func (s *Server) listTokens(w http.ResponseWriter, r *http.Request) error {
	all, err := s.door.List(r.Context())
	if err != nil {
		return err
	}
	return answer(w, http.StatusOK, all)
}

func (s *Server) postToken(w http.ResponseWriter, r *http.Request) error {
	var t TokenRequest
	if err := decode(w, r, &t); err != nil {
		return err
	}
	switch {
	case t.Scope == Anyone:
		return fieldf("scope", "want read, make or admin")
	case t.Days < 0 || t.Days > mostDays:
		return fieldf("days", "want 0 to %d, got %d", mostDays, t.Days)
	}
	secret, err := s.door.Add(t.Name, t.Scope, time.Duration(t.Days)*24*time.Hour)
	if err != nil {
		return err
	}
	return answer(w, http.StatusCreated, NewToken{t.Name, t.Scope, secret})
}

func (s *Server) deleteToken(w http.ResponseWriter, r *http.Request) error {
	if err := s.door.Revoke(r.PathValue("name")); err != nil {
		return failf(http.StatusNotFound, "%w", err)
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}
