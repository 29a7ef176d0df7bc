package app

import (
	"path/filepath"
	"strings"

	"atelier/internal/badinput"
	"atelier/internal/filename"
	"atelier/internal/music"
)

// A piece is an input piece of music.
type piece struct {
	*music.Piece
	file string // its name, as given
	name string // the same without folder and extension, or a default
}

// openPiece reads a music file, and reports what was repaired and what could not be represented.
func openPiece(env *Env, f File) (*piece, error) {
	read, err := music.Read(f.Bytes)
	if err != nil {
		return nil, badinput.Errorf("%s %w", f.Name, err)
	}
	if len(read.Repairs) > 0 {
		env.say("%s was repaired: %v", f.Name, read.Repairs)
	}
	if len(read.Lost) > 0 {
		env.say("%s: left out %v", f.Name, read.Lost)
	}
	return &piece{read, f.Name, stemOf(f.Name, "music")}, nil
}

// stemOf is a file name without folder and extension, or a default.
func stemOf(file, instead string) string {
	name := filename.Readable(strings.TrimSuffix(filepath.Base(file), filepath.Ext(file)))
	if file == Stdin || name == "" || strings.ContainsAny(name, `/\`) || name == standardInput {
		return instead
	}
	return name
}
