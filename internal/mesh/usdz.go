package mesh

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
	"net/http"
	"strconv"
	"strings"

	"atelier/internal/badinput"
)

// A USDZ is a zip whose files are stored, each beginning at a multiple of 64 bytes; the first is
// the scene (Usdz File Format Specification, Pixar).
const (
	usdzAlign  = 64
	usdzScene  = "scene.usda"
	zipLocal   = "PK\x03\x04"
	zipHead    = 30
	zipPadding = 0x1986 // the id of the extra field that pads, as Pixar's own writer has it
)

// A PackedFile is a file in a USDZ.
type PackedFile struct {
	Name string
	Body []byte
}

// IsUSDZ reports whether a file is a zip whose first file is a USD scene.
func IsUSDZ(file []byte) bool {
	if len(file) < zipHead || !bytes.HasPrefix(file, []byte(zipLocal)) {
		return false
	}
	name := file[zipHead:]
	name = name[:min(len(name), int(binary.LittleEndian.Uint16(file[26:])))]
	return bytes.HasSuffix(name, []byte(".usda")) || bytes.HasSuffix(name, []byte(".usdc")) || bytes.HasSuffix(name, []byte(".usd"))
}

// PackUSDZ writes a USDZ.
func PackUSDZ(files []PackedFile) ([]byte, error) {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, f := range files {
		if err := w.Flush(); err != nil {
			return nil, err
		}
		const field = 4 // bytes before the padding
		padding := -(b.Len() + zipHead + len(f.Name) + field) & (usdzAlign - 1)
		extra := binary.LittleEndian.AppendUint16(nil, zipPadding)
		extra = append(binary.LittleEndian.AppendUint16(extra, uint16(padding)), make([]byte, padding)...)
		size := uint64(len(f.Body))
		one, err := w.CreateRaw(&zip.FileHeader{Name: f.Name, Method: zip.Store, Extra: extra, CRC32: crc32.ChecksumIEEE(f.Body), CompressedSize64: size, UncompressedSize64: size})
		if err == nil {
			_, err = one.Write(f.Body)
		}
		if err != nil {
			return nil, err
		}
	}
	err := w.Close()
	return b.Bytes(), err
}

// UnpackUSDZ reads a USDZ.
func UnpackUSDZ(file []byte) (all []PackedFile, err error) {
	z, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		return nil, badinput.Errorf("the USDZ is damaged: %w", err)
	}
	if len(z.File) == 0 {
		return nil, badinput.Errorf("the USDZ is empty")
	}
	for _, f := range z.File {
		if f.Method != zip.Store {
			return nil, badinput.Errorf("the USDZ is damaged: %s is compressed", f.Name)
		}
		r, err := f.Open()
		if err != nil {
			return nil, badinput.Errorf("the USDZ is damaged: %w", err)
		}
		body, err := io.ReadAll(io.LimitReader(r, int64(len(file)))) // it is stored
		r.Close()
		if err != nil {
			return nil, badinput.Errorf("the USDZ is damaged: %w", err)
		}
		all = append(all, PackedFile{f.Name, body})
	}
	return all, nil
}

// USDZ writes a scene as USD text with its textures.
func (s *Scene) USDZ() ([]byte, error) {
	if err := s.check(); err != nil {
		return nil, err
	}
	u := &usda{}
	u.line("#usda 1.0\n(\n    customLayerData = {\n        string creator = %s\n    }", quoted(Generator))
	u.line("    defaultPrim = \"Root\"\n    metersPerUnit = 1\n    upAxis = \"Y\"\n)\n\ndef Xform \"Root\" (\n    assetInfo = {\n        string name = %s\n    }\n    kind = \"component\"\n)\n{", quoted(s.Name))
	for i := range s.Parts {
		u.part(i, &s.Parts[i], s.Materials[s.Parts[i].Material].Texture != nil)
	}
	u.line("    def Scope \"Materials\"\n    {")
	files := []PackedFile{{Name: usdzScene}}
	for i, m := range s.Materials {
		texture := ""
		if m.Texture != nil {
			texture = fmt.Sprintf("textures/%d.%s", i, strings.TrimPrefix(http.DetectContentType(m.Texture), "image/"))
			texture = strings.Replace(texture, ".jpeg", ".jpg", 1)
			files = append(files, PackedFile{texture, m.Texture})
		}
		u.material(i, m, texture)
	}
	u.line("    }\n}")
	files[0].Body = u.Bytes()
	return PackUSDZ(files)
}

// A usda is a text layer that is being written.
type usda struct{ bytes.Buffer }

func (u *usda) line(format string, args ...any) { fmt.Fprintf(&u.Buffer, format+"\n", args...) }

// quoted is a string of USD.
func quoted(text string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\r", `\r`, "\t", `\t`).Replace(text) + `"`
}

// tuples writes an array of vectors.
func (u *usda) tuples(head string, n int, at func(i int) []float32, tail string) {
	u.WriteString(head + "[")
	var b []byte
	for i := range n {
		if i > 0 {
			u.WriteString(", ")
		}
		b = append(b[:0], '(')
		for k, x := range at(i) {
			if k > 0 {
				b = append(b, ", "...)
			}
			const digits = 6
			b = strconv.AppendFloat(b, float64(x), 'g', digits, 32)
		}
		u.Write(append(b, ')'))
	}
	u.WriteString("]" + tail + "\n")
}

// part writes a mesh.
func (u *usda) part(i int, p *Part, textured bool) {
	one := Scene{Parts: []Part{*p}}
	low, high := one.Bounds()
	u.line("    def Mesh \"Part%d\" (\n        prepend apiSchemas = [\"MaterialBindingAPI\"]\n    )\n    {", i)
	u.tuples("        float3[] extent = ", 2, func(i int) []float32 { return [][]float32{low[:], high[:]}[i] }, "")
	counts := strings.TrimSuffix(strings.Repeat("3, ", len(p.Triangles)), ", ")
	u.line("        int[] faceVertexCounts = [%s]", counts)
	u.WriteString("        int[] faceVertexIndices = [")
	var b []byte
	for i, t := range p.Triangles {
		for k, at := range t {
			if i+k > 0 {
				b = append(b, ", "...)
			}
			b = strconv.AppendUint(b, uint64(at), 10)
		}
	}
	u.Write(append(b, "]\n"...))
	u.line("        rel material:binding = </Root/Materials/Material%d>", p.Material)
	u.tuples("        normal3f[] normals = ", len(p.Normals), func(i int) []float32 { return p.Normals[i][:] }, " (\n            interpolation = \"vertex\"\n        )")
	u.tuples("        point3f[] points = ", len(p.Points), func(i int) []float32 { return p.Points[i][:] }, "")
	if textured {
		u.tuples("        texCoord2f[] primvars:st = ", len(p.Places), func(i int) []float32 {
			return []float32{p.Places[i][0], 1 - p.Places[i][1]} // from below
		}, " (\n            interpolation = \"vertex\"\n        )")
	}
	u.line("        uniform token subdivisionScheme = \"none\"\n    }")
}

// material writes a UsdPreviewSurface.
func (u *usda) material(i int, m Material, texture string) {
	path := fmt.Sprintf("/Root/Materials/Material%d", i)
	u.line("        def Material \"Material%d\"\n        {\n            token outputs:surface.connect = <%s/Surface.outputs:surface>", i, path)
	u.line("            def Shader \"Surface\"\n            {\n                uniform token info:id = \"UsdPreviewSurface\"")
	if texture == "" {
		u.line("                color3f inputs:diffuseColor = (%g, %g, %g)", m.Colour[0], m.Colour[1], m.Colour[2])
	} else {
		u.line("                color3f inputs:diffuseColor.connect = <%s/Texture.outputs:rgb>", path)
	}
	u.line("                float inputs:metallic = 0\n                float inputs:roughness = %g\n                token outputs:surface\n            }", m.Roughness)
	if texture != "" {
		u.line("            def Shader \"Texture\"\n            {\n                uniform token info:id = \"UsdUVTexture\"\n                asset inputs:file = @%s@", texture)
		u.line("                float4 inputs:scale = (%g, %g, %g, 1)\n                token inputs:sourceColorSpace = \"sRGB\"", m.Colour[0], m.Colour[1], m.Colour[2])
		u.line("                float2 inputs:st.connect = <%s/Places.outputs:result>\n                token inputs:wrapS = \"clamp\"\n                token inputs:wrapT = \"clamp\"\n                float3 outputs:rgb\n            }", path)
		u.line("            def Shader \"Places\"\n            {\n                uniform token info:id = \"UsdPrimvarReader_float2\"\n                string inputs:varname = \"st\"\n                float2 outputs:result\n            }")
	}
	u.line("        }")
}
