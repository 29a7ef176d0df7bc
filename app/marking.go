package app

import (
	"fmt"
	"image"
	"path/filepath"
	"slices"
	"strings"

	"atelier/data"
	"atelier/internal/animation"
	"atelier/internal/badinput"
	"atelier/internal/c2pa"
	"atelier/internal/picture"
	"atelier/internal/provenance"
	"atelier/internal/stamp"
	"atelier/internal/watermark"
)

// A Marking says how works are marked besides their labels. The zero Marking adds nothing.
type Marking struct {
	// Producer is who offers the generation, for the statement; empty for atelier itself.
	Producer string
	// Visible is the language of the text that is drawn on pictures, of [stamp.Texts]; empty for none.
	Visible string
	// Watermark is the key of the invisible watermark of pictures; nil for none.
	Watermark *watermark.Key
	// Signer signs files; nil for nobody.
	Signer *c2pa.Signer
	// WherePossible leaves out what the format of a work has no place for, instead of failing.
	WherePossible bool
}

// marks are the marks as a label records them.
func (m Marking) marks() provenance.Marks {
	out := provenance.Marks{Producer: m.Producer, Visible: m.Visible}
	if m.Watermark != nil {
		out.Watermark = m.Watermark.Fingerprint()
	}
	if m.Signer != nil {
		out.Signer = m.Signer.Fingerprint()
	}
	return out
}

// finish marks and labels a work whose format can hold a label, and signs it.
func (m Marking) finish(item data.Item, l provenance.Label) (data.Item, error) {
	m, err := m.fitting(item)
	if err != nil {
		return item, err
	}
	if item.Bytes, err = m.drawn(item.Bytes); err != nil {
		return item, err
	}
	l.Marks = m.marks()
	if item.Bytes, err = provenance.Write(item.Bytes, l); err == nil && m.Signer != nil {
		item.Bytes, err = provenance.Sign(item.Bytes, m.Signer)
	}
	return item, err
}

// fitting are the marks that a work has a place for.
func (m Marking) fitting(item data.Item) (Marking, error) {
	isPicture := strings.HasPrefix(item.MediaType, "image/")
	still := isPicture
	if f, err := picture.Open(item.Bytes); isPicture && err == nil {
		still = !f.Animated()
	}
	fits := []bool{isPicture, still, provenance.Signable(item.Bytes)}
	for i, c := range m.places() {
		fits := fits[i]
		switch {
		case !c.asked || fits:
		case m.WherePossible:
			c.drop(&m)
		default:
			return m, badinput.Errorf("%s: %s, but this is %s", c.name, c.kinds, item.MediaType)
		}
	}
	return m, nil
}

// A markPlace says whether a mark is asked for, and which formats have a place for it.
type markPlace struct {
	asked       bool
	name, kinds string // of the flag, and what can be marked
	formats     []string
	drop        func(*Marking)
}

// places are those of all marks.
func (m Marking) places() []markPlace {
	return []markPlace{
		{m.Visible != "", "visible", "pictures are marked, in png, jpeg, webp, gif or apng", []string{formatPNG, formatJPEG, formatWebP, formatGIF, formatAPNG}, func(m *Marking) { m.Visible = "" }},
		{m.Watermark != nil, "watermark", "pictures that do not move hold one, in png, jpeg or webp", stillFormats, func(m *Marking) { m.Watermark = nil }},
		{m.Signer != nil, "sign", "files can be signed in png, jpeg, webp, gif, apng or wav", []string{formatPNG, formatJPEG, formatWebP, formatGIF, formatAPNG, formatWAV}, func(m *Marking) { m.Signer = nil }},
	}
}

// planned refuses marks that none of the files to be made has a place for, by their names, before any
// work. Where some of them have one, the others are to be left without; it says which.
func (e *Env) planned(names []string) error {
	if e.Marking.WherePossible {
		return nil
	}
	for _, c := range e.Marking.places() {
		var without []string
		for _, name := range names {
			if !c.has(name, e.moves) {
				without = append(without, name)
			}
		}
		switch {
		case !c.asked || len(without) == 0:
		case len(without) == len(names):
			return badinput.Errorf("%s: %s, but %s would have no place for it", c.name, c.kinds, e.Out.named(without[0]))
		default:
			e.Marking.WherePossible = true
			e.notice(fmt.Sprintf("--%s leaves out %s: %s", c.name, strings.Join(without, ", "), c.kinds))
		}
	}
	return nil
}

// has reports whether a file of a name has a place for the mark; moves says that pictures in WebP move.
func (c markPlace) has(name string, moves bool) bool {
	extension := strings.ToLower(filepath.Ext(name))
	still := !slices.Contains(c.formats, formatGIF)
	return slices.ContainsFunc(c.formats, func(f string) bool {
		return slices.Contains(extensions[f], extension) && !(still && moves && f == formatWebP)
	})
}

// moves reports whether what an app writes as WebP moves: it writes films, and no still pictures
// unless told to.
func moves(a App) bool {
	for _, in := range Inputs(a) {
		if all := in.Choices(); in.Name == "format" && slices.Contains(all, formatGIF) {
			return !slices.Contains(stillFormats, all[0])
		}
	}
	return false
}

// small drops the marks that a picture is too small for, where that is allowed, and says why.
func (m Marking) small(item data.Item) (_ Marking, why []string) {
	f, err := picture.Open(item.Bytes)
	if err != nil || !m.WherePossible || !strings.HasPrefix(item.MediaType, "image/") {
		return m, nil
	}
	size := image.Pt(f.Width, f.Height)
	if m.Visible != "" {
		if err := stamp.Fits(size, m.Visible); err != nil {
			m.Visible, why = "", append(why, "a picture is not marked: "+err.Error())
		}
	}
	if m.Watermark != nil && !f.Animated() {
		if err := watermark.Fits(size); err != nil {
			m.Watermark, why = nil, append(why, "a picture is not marked: "+err.Error())
		}
	}
	return m, why
}

// finish marks and labels a work whose format can hold a label. Of marks that a picture is too small for
// there is a notice, once for each size.
func (e *Env) finish(item data.Item, l provenance.Label) (data.Item, error) {
	m, why := e.Marking.small(item)
	for _, line := range why {
		if !slices.Contains(e.unmarked, line) {
			e.unmarked = append(e.unmarked, line)
			e.notice(line)
		}
	}
	return m.finish(item, l)
}

// drawn is a picture with the marks that change its pixels.
func (m Marking) drawn(file []byte) ([]byte, error) {
	if m.Visible == "" && m.Watermark == nil {
		return file, nil
	}
	f, err := picture.Open(file)
	if err != nil {
		return nil, err
	}
	if f.Animated() {
		return m.drawnMoving(file, f.Format)
	}
	whole, err := picture.OpenWhole(file)
	if err != nil {
		return nil, err
	}
	img := whole.Pixels
	if m.Visible != "" {
		if img, err = stamp.Draw(img, m.Visible); err != nil {
			return nil, unfit("visible", err)
		}
	}
	if m.Watermark != nil {
		marked, err := m.Watermark.Embed(img)
		if err != nil {
			return nil, unfit("watermark", err)
		}
		img = marked
	}
	return whole.Encode(img, f.Format)
}

func unfit(name string, err error) error {
	return badinput.Errorf("%s: %w", name, err)
}

// drawnMoving draws the visible mark on every frame.
func (m Marking) drawnMoving(file []byte, format picture.Format) ([]byte, error) {
	each, err := animation.Each(file)
	if err != nil {
		return nil, err
	}
	n, size, all, err := animation.Frames(file)
	if err != nil {
		return nil, err
	}
	if err := animation.Fits(n, size); err != nil {
		return nil, err
	}
	var frames []image.Image
	for frame, err := range all {
		if err != nil {
			return nil, err
		}
		drawn, err := stamp.Draw(picture.NRGBA(frame), m.Visible)
		if err != nil {
			return nil, unfit("visible", err)
		}
		frames = append(frames, drawn)
	}
	to := animation.Format(format)
	if format == picture.PNG {
		to = animation.APNG
	}
	return to.Encode(frames, each)
}
