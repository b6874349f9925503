/**
 * A user's Lua runs in the process that all pipelines share. Its text is data to the script that is written here, which first
 * takes from it what reaches outside the filter (files, other programs, the environment with everybody's Secrets, bytecode),
 * then runs it. A text that Lua cannot read would end Fluent Bit; here its functions let the records pass.
 */

export interface LuaOptions {
  /** For messages. */
  readonly name: string;
  /** Functions that filters call. */
  readonly calls: readonly string[];
  /** What the pipeline's variables are called in the environment. */
  readonly variables: readonly { readonly name: string; readonly environment: string }[];
}

/** Lua 5.1, as LuaJIT has it. One line; the text keeps the numbers of its own. */
export function sandboxedLua(text: string, { name, calls, variables }: LuaOptions): string {
  const names = variables.map((one) => `[${quote(one.name)}]=${quote(one.environment)}`).join(',');
  const parts = [
    `local load,getenv,names=loadstring,os.getenv,{${names}}`,
    'os={clock=os.clock,date=os.date,difftime=os.difftime,time=os.time,getenv=function(name) local real=names[name] if real then return getenv(real) end end}',
    'io,package,require,module,dofile,loadfile,load,loadstring,debug,jit,ffi,getfenv,setfenv,newproxy=nil',
    'string.dump=nil',
    `local chunk,problem=load(${longString(text)},${quote(`=${name}`)})`,
    'if chunk then local ok,failure=pcall(chunk) if not ok then problem=failure end end',
    `if problem then print("[lua] "..tostring(problem)) end`,
    ...calls.map(
      (call) => `if type(_G[${quote(call)}])~="function" then _G[${quote(call)}]=function() return 0 end end`,
    ),
  ];
  return parts.join(' ');
}

/** In brackets that the text does not have. The blank in front keeps a first line break, and bytecode from being taken as such. */
function longString(text: string): string {
  const plain = text.replace(/^\uFEFF/, '').replace(/^#.*/, '');
  let level = '=';
  while (plain.includes(`]${level}]`) || plain.endsWith(`]${level}`)) level += '=';
  return `[${level}[ ${plain}]${level}]`;
}

function quote(text: string): string {
  const escaped = Array.from(new TextEncoder().encode(text), (byte) => {
    const character = String.fromCharCode(byte);
    return /[A-Za-z0-9_.= -]/.test(character) ? character : `\\${String(byte).padStart(3, '0')}`;
  });
  return `"${escaped.join('')}"`;
}
