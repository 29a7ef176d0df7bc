package brought

import (
	"path/filepath"
	"strings"

	"atelier/internal/badinput"
	"atelier/internal/pattern"
)

// nameRule is the form of valid names, which every file system accepts.
var nameRule = pattern.New(`^[a-z0-9][a-z0-9._-]{0,98}[a-z0-9]$|^[a-z0-9]$`)

// Distant is the name by which models at a server are asked: weights of that name would be taken
// for one, and what they are given would leave the machine.
const Distant = "remote"

// CheckName rejects invalid names.
func CheckName(name string) error {
	switch {
	case name == "":
		return badinput.Errorf("no name can be made of that of the file; give one with --name, such as --name my-model")
	case !nameRule().MatchString(name):
		return badinput.Errorf("%q cannot be the name of weights; want up to 100 small letters, digits, dots, dashes and underscores, such as --name my-model", name)
	case name == BuiltIn:
		return badinput.Errorf("%s comes with the program; give yours another name with --name", BuiltIn)
	case name == Distant:
		return badinput.Errorf("%s is the name of the model at a server; give yours another name with --name", name)
	}
	return nil
}

// unfit matches characters that a name may not have.
var unfit = pattern.New(`[^a-z0-9._]+`)

// NameFor derives a valid name from that of a file or a folder.
func NameFor(path string) string {
	name := strings.ToLower(filepath.Base(filepath.Clean(path)))
	for _, end := range []string{".gguf", ".bin", ".safetensors"} {
		name = strings.TrimSuffix(name, end)
	}
	name = unfit().ReplaceAllString(name, "-")
	return strings.Trim(name[:min(len(name), 100)], "-._")
}
