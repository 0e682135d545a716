import type { Person } from '../../core/contract/engine.ts'

/** A person in small: their picture, or the first letter of their name in their colour. The name stands beside it. */
export function Avatar({ person: { picture, name, color } }: { person: Pick<Person, 'picture' | 'name' | 'color'> }) {
  if (picture !== null) return <img className="avatar" src={picture} alt="" />
  const [initial = '·'] = name.trim()
  return (
    <span className="avatar" aria-hidden="true" data-person-color={color}>
      {initial.toUpperCase()}
    </span>
  )
}
