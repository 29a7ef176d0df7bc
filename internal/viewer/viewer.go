// Package viewer writes HTML pages that show solids, panoramas and rooms: each is one file that
// loads nothing from elsewhere, and whose label the program fills in.
package viewer

import (
	"bytes"
	"compress/gzip"
	"embed"
	"encoding/base64"
	"html/template"
	"sync"

	"atelier/internal/provenance"
)

// The scripts of others are compressed, and stay so in the pages, where the browser unpacks them.
//
//go:embed vendor/three.js.gz vendor/model-viewer.js.gz
var vendored embed.FS

//go:embed pages
var pages embed.FS

var templates = sync.OnceValue(func() *template.Template {
	return template.Must(template.ParseFS(pages, "pages/*.html"))
})

// A Placement says where a phone puts a solid in augmented reality.
type Placement string

// Where solids are put.
const (
	Wall  Placement = "wall"
	Floor Placement = "floor"
)

// A page is what the templates are filled with.
type page struct {
	Title        string
	Lines        template.HTML // for the label
	Placement    Placement
	Chinese      template.JS   // texts, by the English ones
	Script       template.HTML // compressed and in base64, as the following
	Scene, Other template.HTML
}

// packed compresses bytes and encodes them as base64.
func packed(b []byte) (template.HTML, error) {
	var out bytes.Buffer
	w, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err == nil {
		_, err = w.Write(b)
	}
	if err == nil {
		err = w.Close()
	}
	return inBase64(out.Bytes()), err
}

func inBase64(b []byte) template.HTML { return template.HTML(base64.StdEncoding.EncodeToString(b)) }

// write fills a template with a script of others.
func (p page) write(name, script string) ([]byte, error) {
	b, err := vendored.ReadFile("vendor/" + script + ".gz")
	if err != nil {
		return nil, err
	}
	p.Script = inBase64(b)
	p.Lines = provenance.PageLines
	chinese, err := pages.ReadFile("pages/chinese.json")
	if err != nil {
		return nil, err
	}
	p.Chinese = template.JS(chinese)
	var out bytes.Buffer
	err = templates().ExecuteTemplate(&out, name, p)
	return out.Bytes(), err
}

// Solid is a page that shows a GLB, which can be turned and, on a phone, put into the room: by
// WebXR, or on phones of Apple as the USDZ if there is one.
func Solid(title string, put Placement, glb, usdz []byte) ([]byte, error) {
	p := page{Title: title, Placement: put}
	var err error
	if p.Scene, err = packed(glb); err != nil {
		return nil, err
	}
	if len(usdz) > 0 {
		if p.Other, err = packed(usdz); err != nil {
			return nil, err
		}
	}
	return p.write("solid.html", "model-viewer.js")
}

// Panorama is a page in which one looks around in an equirectangular picture, a JPEG, by mouse,
// keys, touch, the turning of a phone, or with a headset by WebXR.
func Panorama(title string, jpeg []byte) ([]byte, error) {
	return page{Title: title, Scene: inBase64(jpeg)}.write("panorama.html", "three.js")
}

// Rooms is a page in which one walks through rooms, a GLB of package rooms.
func Rooms(title string, glb []byte) ([]byte, error) {
	p := page{Title: title}
	var err error
	if p.Scene, err = packed(glb); err != nil {
		return nil, err
	}
	return p.write("rooms.html", "three.js")
}
