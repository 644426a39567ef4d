export interface Train {
  readonly id: string
  readonly to: string
  readonly leaves: string
  readonly arrives: string
  readonly price: number
  readonly about: string
}

/** All of them leave from Zürich. */
export const trains: readonly Train[] = [
  {
    id: 'vienna',
    to: 'Vienna',
    leaves: '21:40',
    arrives: '07:55',
    price: 69,
    about: 'Over the Arlberg while you sleep. Coffee comes at St. Pölten.',
  },
  {
    id: 'rome',
    to: 'Rome',
    leaves: '19:33',
    arrives: '09:05',
    price: 84,
    about: 'Through the Gotthard before dinner, along the sea before breakfast.',
  },
  {
    id: 'copenhagen',
    to: 'Copenhagen',
    leaves: '18:12',
    arrives: '10:20',
    price: 92,
    about: 'The long one. You wake up on a bridge, with water on both sides.',
  },
  {
    id: 'barcelona',
    to: 'Barcelona',
    leaves: '20:04',
    arrives: '09:48',
    price: 88,
    about: 'Down the Rhône in the dark. Take the upper berth, for the window.',
  },
]

export function trainOf(id: string | undefined): Train | undefined {
  return trains.find((train) => train.id === id)
}
