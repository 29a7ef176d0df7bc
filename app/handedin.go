package app

import (
	"cmp"
	"errors"
	"maps"
	"path"
	"slices"
	"strings"

	"atelier/internal/badinput"
	"atelier/internal/provenance"
)

// mostCarried is the size limit of an input file that is embedded in labels, in bytes; pictures, films
// and recordings never are.
const mostCarried = 256 << 10

// handedFiles are the files of a request, in the order of its inputs.
func handedFiles(a App) (all Files) {
	for _, in := range Inputs(a) {
		if f := in.File(); f != nil {
			all = append(all, *f)
		}
		several, _ := in.Files()
		all = append(all, several...)
	}
	return all
}

// labelName is the name of a file in labels: without the folders, which are nobody else's business.
// A colour or an address that stands for a file is kept.
func labelName(f File) string {
	if len(f.Bytes) == 0 || isAddress(f.Name) {
		return f.Name
	}
	return path.Base(strings.ReplaceAll(f.Name, `\`, "/"))
}

// isPrivate reports whether a file is kept out of labels: pictures, films and recordings show
// what a work may have been made to hide.
func (f File) isPrivate() bool {
	kind, _, _ := strings.Cut(f.MediaType(), "/")
	return !isMusic(f) && slices.Contains([]string{"image", "video", "audio"}, kind)
}

// handedIn are the files of a request by input name.
func handedIn(a App) map[string]provenance.Input {
	out := map[string]provenance.Input{}
	keep := func(key string, f File, room int) (used int) {
		kept := provenance.Input{Name: labelName(f), Size: len(f.Bytes), SHA256: f.Hash()}
		if len(f.Bytes) <= room && !f.isPrivate() {
			kept.Bytes, used = f.Bytes, len(f.Bytes)
		}
		out[key] = kept
		return used
	}
	for _, in := range Inputs(a) {
		if f := in.File(); f != nil && f.Given() {
			keep(in.Name, *f, mostCarried)
		}
		room := mostCarried // of several files together
		several, _ := in.Files()
		for i, f := range several {
			room -= keep(in.keyOf(i), f, room)
		}
	}
	if len(out) == 0 {
		return nil
	}
	return out
}

// restored are the files in a label; those that it does not contain are taken from given.
func restored(named map[string]provenance.Input, given map[string]File) (map[string]File, error) {
	for key := range given {
		if _, ok := named[key]; !ok {
			names := strings.Join(slices.Sorted(maps.Keys(named)), ", ")
			return nil, badinput.Errorf("the label names no input %q; it names %s", key, cmp.Or(names, "none"))
		}
	}
	files := map[string]File{}
	for _, key := range slices.Sorted(maps.Keys(named)) {
		kept := named[key]
		file, ok := given[key]
		if !ok {
			file = File{Name: kept.Name, Bytes: kept.Bytes}
		}
		switch {
		case kept.Size == 0: // a colour instead of a file
		case len(file.Bytes) == 0:
			return nil, badinput.Errorf("the label does not hold %s, of %d bytes, which this was made from: give it with --input %s=PATH", kept.Name, kept.Size, key)
		case ok && file.Hash() != kept.SHA256:
			return nil, badinput.Errorf("%s is not the file that this was made from, %s: its SHA-256 is %.12s and should be %.12s", file.Name, kept.Name, file.Hash(), kept.SHA256)
		case file.Hash() != kept.SHA256:
			return nil, badinput.Mark(errors.New("the label is damaged: its copy of " + kept.Name + " does not match its hash"))
		}
		file.Name = kept.Name
		files[key] = file
	}
	return files, nil
}
