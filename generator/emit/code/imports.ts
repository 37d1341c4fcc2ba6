import { type ImportDeclarationStructure, StructureKind } from 'ts-morph';

interface Imported {
  readonly name: string;
  readonly local: string;
  readonly typeOnly: boolean;
}

/** Collects the imports of one file while its code is written. Gives an imported name an alias if the service declares the same name. */
export class Imports {
  readonly #modules = new Map<string, Map<string, Imported>>();

  /** @param declared - the names of exported types, classes and constants of the service */
  constructor(private readonly declared: ReadonlySet<string>) {}

  /** Imports a type of another package and returns its local name. */
  type(module: string, name: string): string {
    return this.#add(module, name, this.#free(name), true);
  }

  /** Imports a value of another package and returns its local name. */
  value(module: string, name: string): string {
    return this.#add(module, name, this.#free(name), false);
  }

  /** Imports a name of the same service, which is unique within the service. */
  own(module: string, name: string, kind: 'type' | 'value' = 'type'): string {
    return this.#add(module, name, name, kind === 'type');
  }

  /** Returns the import declarations: packages first, then the service's own files, with sorted names. */
  structures(): ImportDeclarationStructure[] {
    return [...this.#modules]
      .sort(([a], [b]) => rank(a) - rank(b) || order(a, b))
      .map(([moduleSpecifier, names]) => {
        const imported = [...names.values()].sort((a, b) => order(a.name, b.name));
        const typesOnly = imported.every(({ typeOnly }) => typeOnly);
        return {
          kind: StructureKind.ImportDeclaration,
          moduleSpecifier,
          isTypeOnly: typesOnly,
          namedImports: (writer) => writer.write(specifiers(imported, typesOnly, moduleSpecifier)),
        } satisfies ImportDeclarationStructure;
      });
  }

  #free(name: string): string {
    return this.declared.has(name) ? `Fuseline${name}` : name;
  }

  #add(module: string, name: string, local: string, typeOnly: boolean): string {
    const names = this.#modules.get(module) ?? new Map<string, Imported>();
    this.#modules.set(module, names);
    const known = names.get(name);
    names.set(name, { name, local, typeOnly: typeOnly && (known?.typeOnly ?? true) });
    return local;
  }
}

function rank(module: string): number {
  return module.startsWith('.') ? 1 : 0;
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

const WIDTH = 140;

/** Returns the text between the braces: on one line if it fits, otherwise one name per line. */
function specifiers(imported: readonly Imported[], typesOnly: boolean, module: string): string {
  const names = imported.map(({ name, local, typeOnly }) => {
    const text = local === name ? name : `${name} as ${local}`;
    return typeOnly && !typesOnly ? `type ${text}` : text;
  });
  const flat = names.join(', ');
  const around = `import ${typesOnly ? 'type ' : ''}{  } from '${module}';`;
  return around.length + flat.length <= WIDTH ? flat : `\n${names.map((name) => `${name},\n`).join('')}`;
}
