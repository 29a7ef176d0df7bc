package mesh

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"math"
	"net/http"
	"reflect"

	"atelier/internal/badinput"
)

// A GLB is a header and two chunks, JSON and binary data (glTF 2.0, section 4; ISO/IEC 12113:2022).
const (
	glbMagic   = "glTF"
	glbVersion = 2
	glbHead    = 12
	glbJSON    = 0x4e4f534a
	glbBinary  = 0x004e4942
	// Generator is the program that made a file, as the file says.
	Generator = "atelier"
)

// Constants of glTF, which are those of OpenGL.
const (
	gltfShort    = 5123
	gltfInt      = 5125
	gltfFloat    = 5126
	gltfVertices = 34962
	gltfIndices  = 34963
	gltfLinear   = 9729
	gltfMipmaps  = 9987
	gltfClamp    = 33071
)

// IsGLB reports whether a file is a GLB.
func IsGLB(file []byte) bool { return bytes.HasPrefix(file, []byte(glbMagic)) }

// Chunks are the JSON and the binary data of a GLB.
func Chunks(file []byte) (text, binaryData []byte, err error) {
	cut := badinput.Errorf("the GLB is damaged or cut short")
	if len(file) < glbHead || !IsGLB(file) || binary.LittleEndian.Uint32(file[4:]) != glbVersion || uint64(binary.LittleEndian.Uint32(file[8:])) != uint64(len(file)) {
		return nil, nil, cut
	}
	for rest := file[glbHead:]; len(rest) > 0; {
		if len(rest) < 8 || uint64(binary.LittleEndian.Uint32(rest)) > uint64(len(rest)-8) {
			return nil, nil, cut
		}
		n := binary.LittleEndian.Uint32(rest)
		switch kind := binary.LittleEndian.Uint32(rest[4:]); {
		case kind == glbJSON && text == nil:
			text = rest[8 : 8+n]
		case kind == glbBinary && binaryData == nil:
			binaryData = rest[8 : 8+n]
		}
		rest = rest[8+n:]
	}
	if text == nil {
		return nil, nil, cut
	}
	return text, binaryData, nil
}

// JoinChunks is the inverse of [Chunks].
func JoinChunks(text, binaryData []byte) []byte {
	var chunks []byte
	add := func(kind uint32, body []byte, fill byte) {
		padding := -len(body) & 3
		chunks = binary.LittleEndian.AppendUint32(chunks, uint32(len(body)+padding))
		chunks = binary.LittleEndian.AppendUint32(chunks, kind)
		chunks = append(append(chunks, body...), bytes.Repeat([]byte{fill}, padding)...)
	}
	add(glbJSON, text, ' ')
	if len(binaryData) > 0 {
		add(glbBinary, binaryData, 0)
	}
	head := binary.LittleEndian.AppendUint32([]byte(glbMagic), glbVersion)
	head = binary.LittleEndian.AppendUint32(head, uint32(glbHead+len(chunks)))
	return append(head, chunks...)
}

type object = map[string]any

// A gltf is a file that is being written.
type gltf struct {
	data      []byte
	views     []object
	accessors []object
}

// view appends bytes and returns the index of their view; target is 0 for pictures.
func (g *gltf) view(b []byte, target int) int {
	v := object{"buffer": 0, "byteOffset": len(g.data), "byteLength": len(b)}
	if target != 0 {
		v["target"] = target
	}
	g.views = append(g.views, v)
	g.data = append(g.data, b...)
	g.data = append(g.data, make([]byte, -len(g.data)&3)...)
	return len(g.views) - 1
}

// accessor appends an array and returns its index.
func (g *gltf) accessor(view, kind, count int, shape string) object {
	a := object{"bufferView": view, "componentType": kind, "count": count, "type": shape}
	g.accessors = append(g.accessors, a)
	return a
}

// vectors appends directions, colours, or points with their bounds.
func (g *gltf) vectors(all []Vec, bounded bool) int {
	b := make([]byte, 0, 12*len(all))
	for _, v := range all {
		for _, x := range v {
			b = binary.LittleEndian.AppendUint32(b, math.Float32bits(x))
		}
	}
	a := g.accessor(g.view(b, gltfVertices), gltfFloat, len(all), "VEC3")
	if bounded {
		one := Scene{Parts: []Part{{Points: all}}}
		low, high := one.Bounds()
		a["min"], a["max"] = low, high
	}
	return len(g.accessors) - 1
}

// places appends texture coordinates.
func (g *gltf) places(all [][2]float32) int {
	b := make([]byte, 0, 8*len(all))
	for _, p := range all {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(p[0]))
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(p[1]))
	}
	g.accessor(g.view(b, gltfVertices), gltfFloat, len(all), "VEC2")
	return len(g.accessors) - 1
}

// triangles appends indices below a bound.
func (g *gltf) triangles(all [][3]uint32, bound int) int {
	var b []byte
	kind := gltfShort
	if bound > math.MaxUint16 {
		kind = gltfInt
	}
	for _, t := range all {
		for _, i := range t {
			if kind == gltfShort {
				b = binary.LittleEndian.AppendUint16(b, uint16(i))
			} else {
				b = binary.LittleEndian.AppendUint32(b, i)
			}
		}
	}
	g.accessor(g.view(b, gltfIndices), kind, 3*len(all), "SCALAR")
	return len(g.accessors) - 1
}

// mesh is a part.
func (g *gltf) mesh(p *Part, textured bool) object {
	attributes := object{"POSITION": g.vectors(p.Points, true), "NORMAL": g.vectors(p.Normals, false)}
	if textured {
		attributes["TEXCOORD_0"] = g.places(p.Places)
	}
	if p.Colours != nil {
		attributes["COLOR_0"] = g.vectors(p.Colours, false)
	}
	m := object{"primitives": []object{{"attributes": attributes, "indices": g.triangles(p.Triangles, len(p.Points)), "material": p.Material}}}
	if p.Name != "" {
		m["name"] = p.Name
	}
	return m
}

// materials are those of a scene, with their textures and images.
func (g *gltf) materials(s *Scene, root object) (unlit bool) {
	var all, images, textures []object
	for _, m := range s.Materials {
		surface := object{"baseColorFactor": [4]float32{m.Colour[0], m.Colour[1], m.Colour[2], 1}, "metallicFactor": 0, "roughnessFactor": m.Roughness}
		if m.Texture != nil {
			images = append(images, object{"bufferView": g.view(m.Texture, 0), "mimeType": http.DetectContentType(m.Texture)})
			surface["baseColorTexture"] = object{"index": len(textures)}
			textures = append(textures, object{"source": len(images) - 1, "sampler": 0})
		}
		one := object{"name": m.Name, "pbrMetallicRoughness": surface}
		if m.Unlit {
			one["extensions"], unlit = object{"KHR_materials_unlit": object{}}, true
		}
		all = append(all, one)
	}
	root["materials"] = all
	if images != nil {
		root["images"], root["textures"] = images, textures
		root["samplers"] = []object{{"magFilter": gltfLinear, "minFilter": gltfMipmaps, "wrapS": gltfClamp, "wrapT": gltfClamp}}
	}
	return unlit
}

// GLB writes a scene as binary glTF 2.0.
func (s *Scene) GLB() ([]byte, error) {
	if err := s.check(); err != nil {
		return nil, err
	}
	g := &gltf{}
	var meshes, nodes []object
	var roots []int
	for i := range s.Parts {
		p := &s.Parts[i]
		meshes = append(meshes, g.mesh(p, s.Materials[p.Material].Texture != nil))
		node := object{"mesh": i}
		if p.Name != "" {
			node["name"] = p.Name
		}
		withExtras(node, p.Extras)
		nodes, roots = append(nodes, node), append(roots, i)
	}
	whole := object{"name": s.Name, "nodes": roots}
	withExtras(whole, s.Extras)
	root := object{
		"asset": object{"version": "2.0", "generator": Generator},
		"scene": 0, "scenes": []object{whole}, "nodes": nodes, "meshes": meshes,
	}
	if g.materials(s, root) {
		root["extensionsUsed"] = []string{"KHR_materials_unlit"}
	}
	root["accessors"], root["bufferViews"] = g.accessors, g.views
	root["buffers"] = []object{{"byteLength": len(g.data)}}
	text, err := json.Marshal(root)
	if err != nil {
		return nil, err
	}
	return JoinChunks(text, g.data), nil
}

func withExtras(to object, extras any) {
	if extras != nil && !reflect.ValueOf(extras).IsZero() {
		to["extras"] = extras
	}
}
