// What the pages use of three, from which vendor.sh makes three.js.
export {
  ACESFilmicToneMapping, AmbientLight, BackSide, BufferAttribute, BufferGeometry, CanvasTexture, Color,
  DoubleSide, Euler, Group, HemisphereLight, Line, LineBasicMaterial, MathUtils, Matrix4, Mesh, MeshBasicMaterial,
  NoToneMapping, PerspectiveCamera, Plane, PlaneGeometry, Quaternion, Ray, Raycaster, RingGeometry, Scene, SphereGeometry,
  SRGBColorSpace, Texture, LinearFilter, LinearMipmapLinearFilter, RepeatWrapping, Vector2, Vector3, WebGLRenderer,
} from "three";
export { GLTFLoader } from "three/examples/jsm/loaders/GLTFLoader.js";
