// Package page is what people see of a studio in a browser: pages about data, training, apps,
// results and runs, made on the server from what its API answers. A page asks nothing of other
// machines, and shows in English or Chinese, light or dark.
//
// Pages know the studio by the API alone, with the rights of whoever looks at them; what they
// change, their scripts change through the API.
package page

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"strings"
	"sync"

	"golang.org/x/text/language"

	"atelier/server"
)

//go:embed templates/*.html assets/*
var files embed.FS

// pages are those of a server.
type pages struct {
	server *server.Server
	home   string // the folder whose disk is shown
	text   map[string]func() (*template.Template, error)
}

// A view is what a template is filled with.
type view struct {
	Lang, Theme string
	// Here is the entry of the navigation that is marked, Path that of the page.
	Here, Path string
	Title      string
	Data       any
}

// A content is what a handler shows.
type content struct {
	// template is the name of a file in templates, without its extension.
	template, here, title string
	data                  any
}

// A maker makes a page for a request.
type maker func(p *pages, r *http.Request) (content, error)

// routes are the pages by their patterns.
var routes = map[string]maker{
	"GET /{$}":                 (*pages).start,
	"GET /data":                (*pages).datasets,
	"GET /data/{ref}":          (*pages).dataset,
	"GET /train":               (*pages).train,
	"GET /make":                (*pages).apps,
	"GET /make/{app}":          (*pages).app,
	"GET /gallery":             (*pages).gallery,
	"GET /runs":                (*pages).runs,
	"GET /runs/{run}":          (*pages).run,
	"GET /runs/{run}/play":     (*pages).play,
	"GET /runs/{run}/card":     (*pages).runCard,
	"GET /compare":             (*pages).compare,
	"GET /jobs/{job}":          (*pages).job,
	"GET /parts/jobs/{job}":    (*pages).jobPart,
	"GET /parts/runs/{run}":    (*pages).runPart,
	"GET /parts/results":       (*pages).resultsPart,
	"GET /parts/answers/{job}": (*pages).answerPart,
	"GET /parts/start":         (*pages).startPart,
	"GET /parts/datasets":      (*pages).datasetsPart,
	"GET /parts/fields/{app}":  (*pages).fieldsPart,
	"GET /rate":                (*pages).ratings,
	"GET /rate/{rating}":       (*pages).rate,
	"GET /chat":                (*pages).chat,
	"GET /music":               (*pages).music,
}

// Mount mounts the pages beside the API of a server; home is the folder whose disk they tell
// about.
func Mount(s *server.Server, home string) {
	p := &pages{server: s, home: home, text: map[string]func() (*template.Template, error){}}
	for _, lang := range languages {
		p.text[lang] = sync.OnceValues(func() (*template.Template, error) { return parse(lang) })
	}
	for pattern, do := range routes {
		s.Handle(pattern, server.Anyone, p.handler(do))
	}
	s.Handle("GET /solids/{job}/{name}", server.Anyone, http.HandlerFunc(p.solid))
	s.Handle("GET /assets/{file}", server.Anyone, http.HandlerFunc(asset))
	s.Handle("GET /favicon.ico", server.Anyone, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.SetPathValue("file", "icon.svg")
		asset(w, r)
	}))
	s.Say(func(r *http.Request, text string) string { return saidIn(languageOf(r), text) })
	s.HandleLost(p.handler(func(_ *pages, r *http.Request) (content, error) {
		return content{}, &problemError{server.Problem{Status: http.StatusNotFound, Title: "Not found", Detail: fmt.Sprintf(inLanguage(languageOf(r), lost), r.URL.Path)}}
	}))
}

// handler shows a page to those who are let in, and how to be let in to others.
func (p *pages) handler(do maker) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if server.CallerOf(r.Context()).Scope < server.Read {
			p.show(w, r, http.StatusUnauthorized, content{template: "signin", title: "Sign in"})
			return
		}
		c, err := do(p, r)
		if err != nil {
			problem := problemOf(err)
			p.show(w, r, problem.Status, content{template: "problem", title: "Not found", data: problem})
			return
		}
		p.show(w, r, http.StatusOK, c)
	})
}

// problemOf is what an error is for a person.
func problemOf(err error) *server.Problem {
	var p *problemError
	if errors.As(err, &p) {
		return &p.Problem
	}
	return &server.Problem{Status: http.StatusInternalServerError, Title: "The page could not be made", Detail: err.Error()}
}

// show writes a page. A part has no frame around it.
func (p *pages) show(w http.ResponseWriter, r *http.Request, status int, c content) {
	lang := languageOf(r)
	t, err := p.text[lang]()
	var b bytes.Buffer
	if err == nil {
		name := "frame:" + c.template
		if strings.HasPrefix(c.template, "part-") {
			name = c.template
		}
		err = t.ExecuteTemplate(&b, name, view{Lang: lang, Theme: themeOf(r), Here: c.here, Path: r.URL.Path, Title: c.title, Data: c.data})
	}
	if err != nil {
		http.Error(w, "the page could not be made: "+err.Error(), http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Language", lang)
	h.Set("Cache-Control", "no-store")
	h.Set("Vary", "Accept-Language, Cookie")
	w.WriteHeader(status)
	w.Write(b.Bytes()) // the client may be gone
}

const (
	langCookie  = "atelier_lang"
	themeCookie = "atelier_theme"
)

// languages are those of the pages.
var languages = []string{"en", "zh"}

var matcher = sync.OnceValue(func() language.Matcher {
	return language.NewMatcher([]language.Tag{language.English, language.SimplifiedChinese})
})

// languageOf is the language that was chosen, or else the one that the browser asks for.
func languageOf(r *http.Request) string {
	if c, err := r.Cookie(langCookie); err == nil {
		for _, l := range languages {
			if l == c.Value {
				return l
			}
		}
	}
	_, i := language.MatchStrings(matcher(), r.Header.Get("Accept-Language"))
	return languages[i]
}

// themeOf is the theme that was chosen; empty for that of the system.
func themeOf(r *http.Request) string {
	if c, err := r.Cookie(themeCookie); err == nil && (c.Value == "light" || c.Value == "dark") {
		return c.Value
	}
	return ""
}

// assetTypes are the media types of assets by extension.
var assetTypes = map[string]string{
	"css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8", "svg": "image/svg+xml",
}

// assetTags are the ETags of the assets.
var assetTags = sync.OnceValue(func() map[string]string {
	tags := map[string]string{}
	entries, err := fs.ReadDir(files, "assets")
	for _, e := range entries {
		b, _ := files.ReadFile("assets/" + e.Name())
		sum := sha256.Sum256(b)
		tags[e.Name()] = `"` + hex.EncodeToString(sum[:8]) + `"`
	}
	if err != nil {
		panic(err) // it is embedded
	}
	return tags
})

// asset serves a file that pages are made of.
func asset(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("file")
	b, err := files.ReadFile("assets/" + name)
	if err != nil {
		http.NotFound(w, r)
		return
	}
	_, extension, _ := strings.Cut(name, ".")
	h := w.Header()
	h.Set("Content-Type", cmp.Or(assetTypes[extension], "application/octet-stream"))
	h.Set("Cache-Control", "no-cache")
	h.Set("ETag", assetTags()[name])
	if r.Header.Get("If-None-Match") == assetTags()[name] {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	w.Write(b) // the client may be gone
}
